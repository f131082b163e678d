/**
 * A serial port over Telnet, RFC 2217: baud rate, DTR, RTS, CTS, DCD, RI and break,
 * compatible with pyserial, socat with ser2net, and Windows tools.
 */
import type net from "node:net"
import {
    ANSWER,
    bytesOfWord,
    ComPort,
    Control,
    ModemState,
    wordOf,
} from "./com-port"
import type { Plug } from "./junction"
import { SocketDoor, type Session, type SocketDoorOptions } from "./socket-door"
import { BINARY, COM_PORT, SUPPRESS_GO_AHEAD, Telnet } from "./telnet"

const SIGNATURE = "virtual SIM800"
const LOWEST_RATE = 50
const HIGHEST_RATE = 4_000_000
const DATA_BITS = 8
const NO_PARITY = 1
const ONE_STOP_BIT = 1
const NUL = 0x00
/** The bits of {@link ModemState} that are lines. */
const LINES = ModemState.Dcd | ModemState.Ri | ModemState.Dsr | ModemState.Cts

/**
 * The port is a wire: bytes go at the client's rate, and bytes that come while a
 * command runs are lost. CTS, DCD and RI are the modem's; DSR is its STATUS. DTR and
 * RTS are the client's; DTR goes off when it leaves. A break arrives as NUL.
 */
export class Rfc2217Door extends SocketDoor {
    /** Rejects with the error of `listen` if the port cannot be had. */
    static async open(options: SocketDoorOptions): Promise<Rfc2217Door> {
        const server = await SocketDoor.listen(options.port)
        const plug = options.junction.plug()
        const sessions = new Set<ComPortSession>()
        const changed = (): void => {
            for (const session of sessions) session.linesChanged()
        }
        plug.onCts = plug.onDcd = plug.onRi = plug.onStatus = changed
        const open = (socket: net.Socket): ComPortSession => {
            const session = new ComPortSession(
                plug,
                bytes => socket.write(bytes),
                () => sessions.delete(session)
            )
            sessions.add(session)
            session.begin()
            return session
        }
        return new Rfc2217Door(server, options, open, true)
    }
}

class ComPortSession implements Session {
    private readonly telnet: Telnet
    private mask = 0xff
    private told = 0
    private flowControl = Control.NoFlowControl
    private dtr = true
    private rts = true
    private inBreak = false
    /** the client has shown that it knows RFC 2217 */
    private spoken = false

    constructor(
        private readonly dte: Plug,
        send: (bytes: Uint8Array) => void,
        private readonly left: () => void
    ) {
        this.telnet = new Telnet([BINARY, SUPPRESS_GO_AHEAD, COM_PORT], {
            send,
            subnegotiation: (option, payload) => {
                if (option !== COM_PORT) return
                this.speaks()
                this.obey(payload[0], payload.slice(1))
            },
            agreed: option => {
                if (option === COM_PORT) this.speaks()
            },
        })
    }

    /** The client begins to negotiate, as RFC 2217 has it. */
    begin(): void {
        // opening a serial port raises both
        this.dte.setDtr(true)
        this.dte.setRts(true)
    }

    decode(bytes: Uint8Array): Uint8Array {
        return this.telnet.decode(bytes)
    }

    encode(bytes: Uint8Array): Uint8Array {
        return this.telnet.encode(bytes)
    }

    end(): void {
        this.left()
        this.dte.setAutoCts(false)
        this.dte.setDtr(false)
        this.dte.setRts(true)
        this.dte.followBaud()
    }

    /** The client knows the option: its requests show it too. */
    private speaks(): void {
        if (this.spoken) return
        this.spoken = true
        // otherwise a NUL after a CR would be padding
        this.telnet.propose(BINARY)
        this.telnet.propose(SUPPRESS_GO_AHEAD)
        this.told = ~this.lines() & LINES
        this.linesChanged()
    }

    /** Tells the client, if it wants to know. */
    linesChanged(): void {
        if (!this.spoken) return
        const lines = this.lines()
        const changed = lines ^ this.told
        this.told = lines
        const deltas =
            (changed & ModemState.Dcd ? ModemState.DcdChanged : 0) |
            (changed & ModemState.Dsr ? ModemState.DsrChanged : 0) |
            (changed & ModemState.Cts ? ModemState.CtsChanged : 0) |
            (changed & ModemState.Ri && !(lines & ModemState.Ri)
                ? ModemState.RiEnded
                : 0)
        const state = lines | deltas
        if (changed & this.mask)
            this.answer(ComPort.NotifyModemState, [state & this.mask])
    }

    private lines(): number {
        const { dcd, ri, cts, status } = this.dte
        return (
            (dcd ? ModemState.Dcd : 0) |
            (ri ? ModemState.Ri : 0) |
            (status ? ModemState.Dsr : 0) |
            (cts ? ModemState.Cts : 0)
        )
    }

    private answer(command: ComPort, payload: readonly number[]): void {
        this.telnet.subnegotiate(COM_PORT, [command + ANSWER, ...payload])
    }

    private obey(command: ComPort, payload: Uint8Array): void {
        switch (command) {
            case ComPort.Signature:
                if (payload.length === 0)
                    this.answer(command, [...Buffer.from(SIGNATURE)])
                return
            case ComPort.SetBaudRate: {
                const rate = payload.length === 4 ? wordOf(payload) : 0
                // 0 is a query; an invalid rate is answered with the one in use
                if (rate >= LOWEST_RATE && rate <= HIGHEST_RATE)
                    this.dte.setBaud(rate)
                this.answer(command, bytesOfWord(this.dte.baud))
                return
            }
            // the modem's UART knows one format
            case ComPort.SetDataSize:
                this.answer(command, [DATA_BITS])
                return
            case ComPort.SetParity:
                this.answer(command, [NO_PARITY])
                return
            case ComPort.SetStopSize:
                this.answer(command, [ONE_STOP_BIT])
                return
            case ComPort.SetControl:
                this.answer(command, [this.control(payload[0])])
                return
            case ComPort.SetLineStateMask:
                this.answer(command, [payload[0] ?? 0])
                return
            case ComPort.SetModemStateMask:
                this.mask = payload[0] ?? 0
                this.answer(command, [this.mask])
                this.told = ~this.lines() & LINES
                this.linesChanged()
                return
            case ComPort.PurgeData:
                this.answer(command, [payload[0] ?? 0])
        }
    }

    /** @returns what holds now */
    private control(value: Control): Control {
        switch (value) {
            case Control.NoFlowControl:
            case Control.XonXoff:
            case Control.Hardware:
                this.flowControl = value
                this.dte.setAutoCts(value === Control.Hardware)
                return value
            case Control.BreakOn:
                if (!this.inBreak) this.dte.write(Uint8Array.of(NUL))
                this.inBreak = true
                return value
            case Control.BreakOff:
                this.inBreak = false
                return value
            case Control.DtrOn:
            case Control.DtrOff:
                this.dtr = value === Control.DtrOn
                this.dte.setDtr(this.dtr)
                return value
            case Control.RtsOn:
            case Control.RtsOff:
                this.rts = value === Control.RtsOn
                this.dte.setRts(this.rts)
                return value
            case Control.RequestBreak:
                return this.inBreak ? Control.BreakOn : Control.BreakOff
            case Control.RequestDtr:
                return this.dtr ? Control.DtrOn : Control.DtrOff
            case Control.RequestRts:
                return this.rts ? Control.RtsOn : Control.RtsOff
            case Control.RequestInboundFlowControl:
            case Control.NoInboundFlowControl:
            case Control.InboundXonXoff:
            case Control.InboundHardware:
                return value === Control.RequestInboundFlowControl
                    ? Control.NoInboundFlowControl
                    : value
            default:
                return this.flowControl
        }
    }
}
