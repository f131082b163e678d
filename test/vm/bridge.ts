/** The port for real boards, on the model of its chip. */
import { describe, expect, test } from "@devicescript/test"
import * as ds from "@devicescript/core"
import { Encoder } from "../../src/core/encoder"
import { Ring } from "../../src/core/ring"
import { BridgeUart } from "../../src/ports/bridge"
import { ChipModel } from "../../simulator/bridge/sc16is7xx"

/** The byte at a place in what is sent. */
function pattern(at: number): number {
    return (at * 7) & 0xff
}

describe("BridgeUart", () => {
    test("what is sent comes back through the loopback of the chip", async () => {
        const total = 600
        const port = new BridgeUart({ bus: new ChipModel(0, true) })
        const ring = new Ring(128)
        const output = new Encoder()
        await port.open(ring, output, 115200)
        expect(port.chip.setLoopback(true)).toBe(true)
        const data = Buffer.alloc(total)
        for (let i = 0; i < total; i++) data[i] = pattern(i)
        const got = Buffer.alloc(128)
        let sent = 0
        let received = 0
        while (received < total) {
            const n = ring.pull(got, 0, ring.used)
            for (let i = 0; i < n; i++)
                if (got[i] !== pattern(received + i))
                    throw new Error(`byte ${received + i} is ${got[i]}`)
            received += n
            if (output.left === 0 && sent < total) {
                // no more than the FIFO holds
                const part = Math.min(total - sent, 40)
                output.payload(data, sent, part)
                sent += part
            }
            await port.wait(100)
        }
        expect(sent).toBe(total)
        expect(port.overruns).toBe(0)
    })

    test("a chip that was reset gets its settings again, and keeps DTR", async () => {
        const model = new ChipModel(0, true)
        const port = new BridgeUart({ bus: model, dtr: "bridge", reset: 1 })
        await port.open(new Ring(128), new Encoder(), 57600)
        port.setDtr(false)
        model.reset()
        for (let i = 0; i < 20 && port.chip.resets === 0; i++)
            await port.wait(50)
        expect(port.chip.resets).toBe(1)
        expect(model.divisor).toBe(16)
        expect(model.dtr).toBe(false)
    })

    test("waiting ends with data, with DCD, with a pulse on RI, and with wake()", async () => {
        const model = new ChipModel(0, true)
        const port = new BridgeUart({
            bus: model,
            dcd: "bridge",
            ri: "bridge",
        })
        const ring = new Ring(128)
        await port.open(ring, new Encoder(), 115200)
        const events = async () => {
            await ds.sleep(30)
            model.arrive(0x41, 0)
            await ds.sleep(100)
            model.setDcd(true)
            await ds.sleep(100)
            model.setRi(true)
            await ds.sleep(120)
            model.setRi(false)
            await ds.sleep(100)
            port.wake()
        }
        events.start()
        await port.wait(5000)
        expect(ring.used).toBe(1)
        await port.wait(5000)
        expect(port.dcd).toBe(true)
        await port.wait(5000)
        expect(port.riPulse >= 80 && port.riPulse <= 160).toBe(true)
        const since = ds.millis()
        await port.wait(5000)
        expect(ds.millis() - since < 1000).toBe(true)
    })

    test("nobody there: the error says what to check", async () => {
        const model = new ChipModel(0, true)
        model.nacks = 1000
        const port = new BridgeUart({ bus: model })
        let message = ""
        try {
            await port.open(new Ring(128), new Encoder(), 115200)
        } catch (e) {
            message = (e as Error).message
        }
        expect(message.startsWith("no SC16IS7xx answers")).toBe(true)
    })
})
