/**
 * The wires between the model of a bridge, here in the VM, and the virtual
 * modem on the Jacdac bus: data, DTR, DCD, RI, RTS and CTS.
 */
import * as ds from "@devicescript/core"
import { Arrival } from "./arrival"
import type { ChipModel } from "./sc16is7xx"

/** Codes of the services `Serial` and `ModemLines`. */
const DATA = 0x80
const SET_DTE_LINES = 0x2080
const GET = 0x1000
const DCE_LINES = 0x180
const LINES_CHANGED = 0x80
const DTR = 0x01
const RTS = 0x02
const CTS = 0x01
const DCD = 0x02
const RI = 0x04
/** Most bytes in a Jacdac packet. */
const PACKET = 236

type Handler = (pkt: ds.Packet) => Promise<void>

export class Wires {
    /** called each ms or so */
    onTurn: (turn: number) => void = () => {}
    readonly arrival: Arrival
    private readonly chip: ChipModel
    private readonly crystal: number
    private readonly serial: ds.Serial
    private readonly lines: ds.Role
    private divisor = 0
    private driven = -1

    /** @param crystal of the bridge, Hz */
    constructor(chip: ChipModel, crystal: number) {
        this.chip = chip
        this.crystal = crystal
        this.serial = new ds.Serial("modem")
        this.lines = new ds.ModemLines("modem lines")
        this.arrival = new Arrival(chip)
    }

    /** Lays the wires; returns when the modem is on the bus. */
    async lay() {
        this.listenToData()
        this.listenToLines()
        while (!this.serial.isBound || !this.lines.isBound) await ds.sleep(20)
        await this.serial.enabled.write(true)
        await this.lines.sendCommand(GET | DCE_LINES)
        this.arrive.start()
        this.depart.start()
        this.drive.start()
    }

    /** The modem's name on the bus. */
    async name(): Promise<string> {
        return await this.serial.connectionName.read()
    }

    private listenToData() {
        const self = this
        const others = this.serial._onPacket as Handler
        this.serial._onPacket = async function (pkt: ds.Packet) {
            if (pkt && pkt.isReport && pkt.serviceCommand === DATA)
                self.arrival.put(pkt.payload)
            else await others(pkt)
        }
    }

    private listenToLines() {
        const chip = this.chip
        const others = this.lines._onPacket as Handler
        this.lines._onPacket = async function (pkt: ds.Packet) {
            const event = pkt && pkt.isEvent && pkt.eventCode === LINES_CHANGED
            const report = pkt && pkt.serviceCommand === (GET | DCE_LINES)
            if (pkt && pkt.isReport && (event || report)) {
                const low = pkt.payload[0]
                chip.setCts((low & CTS) !== 0)
                chip.setDcd((low & DCD) !== 0)
                chip.setRi((low & RI) !== 0)
            }
            await others(pkt)
        }
    }

    private baud(): number {
        const divisor = this.chip.divisor
        return divisor > 0 ? Math.round(this.crystal / (16 * divisor)) : 0
    }

    /** From the modem to the bridge. */
    private async arrive() {
        let turn = 0
        let last = ds.millis()
        while (true) {
            const now = ds.millis()
            this.arrival.pass(now - last, this.baud())
            last = now
            this.onTurn(turn++)
            await ds.sleep(1)
        }
    }

    /** From the bridge to the modem: at 50 packets a second. */
    private async depart() {
        const chip = this.chip
        while (true) {
            if (chip.divisor !== this.divisor && chip.divisor > 0) {
                this.divisor = chip.divisor
                await this.serial.baudRate.write(this.baud())
            }
            const length = Math.min(chip.tx.used, PACKET)
            const first = chip.depart()
            // -1: there is nothing, or CTS holds it
            if (first >= 0) {
                const out = Buffer.alloc(length)
                out[0] = first
                for (let i = 1; i < length; i++) out[i] = chip.depart()
                await this.serial.sendCommand(DATA, out)
            } else await ds.sleep(1)
        }
    }

    private async drive() {
        const chip = this.chip
        const bits = Buffer.alloc(1)
        while (true) {
            bits[0] = (chip.dtr ? DTR : 0) | (chip.rts ? RTS : 0)
            if (bits[0] !== this.driven) {
                this.driven = bits[0]
                await this.lines.sendCommand(SET_DTE_LINES, bits)
            } else await ds.sleep(1)
        }
    }
}
