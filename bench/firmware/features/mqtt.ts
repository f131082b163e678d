/** MQTT by the client of @devicescript/net. */
import { startMQTTClient } from "@devicescript/net"
import { BridgeUart, i2cBus, Sim800, useAsNetwork } from "../../../src/index"

const modem = new Sim800({
    uart: new BridgeUart({ bus: i2cBus() }),
    apn: "internet",
})
await modem.start()
const socket = await modem.connect({ host: "echo.example", port: 7 })
await socket.send("text")
await socket.recv()
useAsNetwork(modem)
const mqtt = await startMQTTClient({
    host: "broker.example",
    proto: "tcp",
    port: 1883,
})
await mqtt.publish("topic", "text")
