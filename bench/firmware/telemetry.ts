/**
 * A device in the field: HTTP and MQTT, short messages both ways, USSD, sleep, battery,
 * signal, identity, time, location. On a stock board.
 */
import { BridgeUart, i2cBus } from "../../src/index"
import { telemetry } from "./telemetry-app"

await telemetry(new BridgeUart({ bus: i2cBus(), dtr: "bridge" }))
