/**
 * The wires between the model of a bridge, here in the VM, and the virtual
 * modem on the Jacdac bus: data, DTR, DCD, RI, RTS and CTS.
 *
 * A packet brings up to 236 bytes at once, where a line brings a byte at a time:
 * they wait here, and go on at a pace that a program can follow. RTS takes some
 * ms to the modem, so that what it has said meanwhile waits as well, as far as
 * there is room; what comes beyond that is the modem's fault.
 */
import * as ds from "@devicescript/core"
import { Ring } from "../../src/core/ring"
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
/**
 * What a packet may bring, and what the modem says until it hears of RTS: a VM
 * whose driver takes turn after turn passes that on late.
 */
const WAITING = 4096
const IN_FLIGHT = 1200
/**
 * Bytes that arrive at a time, at most: half a FIFO. A VM that was busy
 * elsewhere for longer finds them waiting, as if the line had waited as well.
 */
const PACE = 32

type Handler = (pkt: ds.Packet) => Promise<void>

export class Wires {
    /** called each ms or so */
    onTurn: (turn: number) => void = () => {}
    private readonly chip: ChipModel
    private readonly crystal: number
    private readonly serial: ds.Serial
    private readonly lines: ds.Role
    private readonly waiting: Ring
    private divisor = 0
    private driven = -1

    /** @param crystal of the bridge, Hz */
    constructor(chip: ChipModel, crystal: number) {
        this.chip = chip
        this.crystal = crystal
        this.serial = new ds.Serial("modem")
        this.lines = new ds.ModemLines("modem lines")
        this.waiting = new Ring(WAITING)
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

    /** What the modem is called on the bus. */
    async name(): Promise<string> {
        return await this.serial.connectionName.read()
    }

    private listenToData() {
        const self = this
        const others = this.serial._onPacket as Handler
        this.serial._onPacket = async function (pkt: ds.Packet) {
            if (pkt && pkt.isReport && pkt.serviceCommand === DATA)
                self.waiting.put(pkt.payload, 0, pkt.payload.length)
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
        const { chip, waiting } = this
        let turn = 0
        let last = ds.millis()
        while (true) {
            const now = ds.millis()
            // as the line is, and a modem that nothing holds sends at its rate
            const due = Math.ceil(((now - last) * this.baud()) / 10000)
            const most = Math.min(due, PACE)
            last = now
            for (let n = 0; n < most && waiting.used > 0; n++) {
                if (!chip.rts && waiting.used <= IN_FLIGHT) break
                chip.arrive(waiting.buf[waiting.tail], 0)
                waiting.tail = (waiting.tail + 1) & (waiting.size - 1)
                waiting.used--
            }
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
