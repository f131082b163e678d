/** MQTT by `MqttClient`. */
import { BridgeUart, i2cBus, MqttClient, Sim800 } from "../../../src/index"

const modem = new Sim800({
    uart: new BridgeUart({ bus: i2cBus() }),
    apn: "internet",
})
await modem.start()
const socket = await modem.connect({ host: "echo.example", port: 7 })
await socket.send("text")
await socket.recv()
const mqtt = new MqttClient(modem, {
    host: "broker.example",
    clientId: "device",
})
await mqtt.start(60000)
mqtt.publish("topic", "text")
