/** I2C and SPI as DeviceScript's natives have them, with the model of the chip. */
import "../../src/node/buffer"
import { beforeEach, describe, expect, test } from "vitest"
import { Encoder } from "../../src/core/encoder"
import { Ring } from "../../src/core/ring"
import { BridgeUart, i2cBus, spiBus } from "../../src/ports/bridge"
import {
    FIFO,
    RECEIVED,
    SENT,
    type RegisterBus,
} from "../../src/ports/sc16is7xx"
import { noise } from "../driver/rig"
import { GPIOMode, useBuses } from "./devicescript"
import { ChipModel } from "../../simulator/bridge/sc16is7xx"

/** The chip at two wires. */
function onI2c(model: ChipModel, address: number): void {
    useBuses({
        i2c: (to, write, read) => {
            if (to !== address) return false
            if (read === null) return model.write(write)
            // the address of the register, and no more
            expect(write.length).toBe(1)
            return model.read(write[0], read)
        },
    })
}

/** The chip at four wires. */
function onSpi(model: ChipModel): { setMode(mode: number): void } {
    let selected = false
    let first = true
    useBuses({
        spi: (write, read) => {
            const sent = Buffer.from(write)
            // a chip that is not selected, or has been told where to write
            read.fill(0xff)
            if (!selected) return
            expect(first).toBe(true)
            first = false
            if (sent[0] & 0x80) {
                const data = Buffer.alloc(sent.length - 1)
                model.read(sent[0] & 0x7f, data)
                data.copy(read, 1)
            } else model.write(sent)
        },
    })
    return {
        setMode: mode => {
            expect([GPIOMode.OutputLow, GPIOMode.OutputHigh]).toContain(mode)
            selected = mode === GPIOMode.OutputLow
            if (selected) first = true
        },
    }
}

beforeEach(() => useBuses({}))

describe.each<[string, (model: ChipModel) => RegisterBus]>([
    [
        "i2cBus()",
        model => {
            onI2c(model, 0x48)
            return i2cBus()
        },
    ],
    [
        "i2cBus({ address: 0x4d })",
        model => {
            onI2c(model, 0x4d)
            return i2cBus({ address: 0x4d })
        },
    ],
    ["spiBus({ cs })", model => spiBus({ cs: onSpi(model) as never })],
])("%s", (_, make) => {
    test("every length, both ways", async () => {
        const model = new ChipModel(0, true)
        const port = new BridgeUart({ bus: make(model) })
        const ring = new Ring(128)
        const output = new Encoder()
        await port.open(ring, output, 115200)
        expect(model.divisor).toBe(8)
        for (let n = 1; n <= FIFO; n++) {
            const data = noise(n, n)
            for (const byte of data) model.arrive(byte, 0)
            while (ring.used < n)
                expect(port.chip.exchange(ring, output)).toBe(RECEIVED)
            const got = Buffer.alloc(n)
            ring.pull(got, 0, n)
            expect(got.equals(data)).toBe(true)

            output.payload(data, 0, n)
            while (output.left > 0)
                expect(port.chip.exchange(ring, output)).toBe(SENT)
            for (const byte of data) expect(model.depart()).toBe(byte)
        }
        expect(port.chip.busErrors).toBe(0)
    })

    test("channel B of a 752", async () => {
        const model = new ChipModel(1, true)
        const port = new BridgeUart({
            bus: make(model),
            channel: "B",
            dtr: "bridge",
        })
        await port.open(new Ring(128), new Encoder(), 115200)
        port.setDtr(false)
        expect(model.dtr).toBe(false)
        port.setDtr(true)
        expect(model.dtr).toBe(true)
    })
})

test("I2C: nobody acknowledges", async () => {
    const model = new ChipModel(0, true)
    onI2c(model, 0x48)
    const bus = i2cBus({ address: 0x49 })
    const address = Buffer.alloc(1)
    expect(bus.transfer(bus.device, address, Buffer.alloc(1))).toBeLessThan(0)
    expect(bus.transfer(bus.device, Buffer.alloc(2), null)).toBeLessThan(0)
    await expect(
        new BridgeUart({ bus }).open(new Ring(128), new Encoder(), 115200)
    ).rejects.toThrow("no SC16IS7xx answers")
})

test("SPI that is not configured, or busy: no answer, and CS is high again", () => {
    const modes: string[] = []
    const cs = { setMode: (mode: number) => modes.push(GPIOMode[mode]) }
    const bus = spiBus({ cs: cs as never })
    const address = Buffer.alloc(1)
    expect(bus.transfer(bus.device, address, Buffer.alloc(1))).toBeLessThan(0)
    expect(bus.transfer(bus.device, Buffer.alloc(2), null)).toBeLessThan(0)
    expect(modes).toEqual([
        "OutputHigh",
        "OutputLow",
        "OutputHigh",
        "OutputLow",
        "OutputHigh",
    ])
})
