/** The modem as a Jacdac device: its lines, both ways. */
import { JDBus, Packet, PACKET_SEND } from "jacdac-ts"
import { expect, test } from "vitest"
import { ModemDevice } from "../../simulator/jacdac/modem-device"
import type { BytePipe } from "../../sim/modem/uart"
import { TestTerminal } from "./terminal"

const DTE_LINES = 0x80
/** The set command of a register. */
const SET = 0x2000
const LINES_SERVICE = 2

function plugIn(terminal: TestTerminal): {
    events: number[]
    drive: (lines: number) => void
} {
    const bus = new JDBus([], { disableRoleManager: true })
    // the data lines stay with the terminal
    const data: BytePipe = { write: () => undefined, onData: () => undefined }
    const device = new ModemDevice(terminal.modem.dte, data)
    const events: number[] = []
    bus.on(PACKET_SEND, (packet: Packet) => {
        if (packet.isEvent && packet.serviceIndex === LINES_SERVICE)
            events.push(packet.data[0])
    })
    bus.addServiceProvider(device)
    return {
        events,
        drive: lines => {
            const packet = Packet.from(SET | DTE_LINES, Uint8Array.of(lines))
            packet.serviceIndex = LINES_SERVICE
            packet.deviceIdentifier = device.deviceId
            void device.service(LINES_SERVICE).handlePacket(packet)
        },
    }
}

test("each edge of RI is an event at once", () => {
    const terminal = TestTerminal.ready()
    const { events } = plugIn(terminal)
    terminal.modem.inject("ri-glitch")
    expect(events).toEqual([0x05])
    terminal.clock.advance(5)
    expect(events).toEqual([0x05, 0x01])
})

test("DTR, RESET and PWRKEY", () => {
    const terminal = TestTerminal.ready()
    const { drive } = plugIn(terminal)
    terminal.ask("AT+CSCLK=1␍")
    terminal.listen(1100)
    expect(terminal.modem.asleep).toBe(true)
    drive(0x01)
    terminal.listen(60)
    expect(terminal.modem.asleep).toBe(false)
    drive(0x04)
    terminal.listen(200)
    expect(terminal.modem.activity).toBe("booting")
    drive(0x00)
    expect(terminal.listen(10_000)).toContain("RDY")
    drive(0x08)
    expect(terminal.listen(2000)).toBe("⏎NORMAL POWER DOWN⏎")
    drive(0x00)
    expect(terminal.modem.activity).toBe("off")
})
