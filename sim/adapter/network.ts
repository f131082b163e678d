import net from "node:net"
import {
    ANSWER,
    bytesOfWord,
    ComPort,
    Control,
    ModemState,
} from "../doors/com-port"
import { BINARY, COM_PORT, SUPPRESS_GO_AHEAD, Telnet } from "../doors/telnet"
import {
    CarrierError,
    NO_LINES,
    type Carrier,
    type CarrierEvents,
    type Connect,
} from "./carrier"

/** For the connection, and for the server to agree to RFC 2217, ms. */
const TIMEOUT = 5000

/** Bytes and nothing else. */
export function tcp(host: string, port: number): Connect {
    return async (_, events) => {
        const socket = await connect(`tcp://${host}:${port}`, host, port)
        const close = whenGone(socket, `tcp://${host}:${port}`, events.gone)
        socket.on("data", (bytes: Buffer) =>
            events.data(Uint8Array.from(bytes))
        )
        return {
            carries: NO_LINES,
            write: bytes => void socket.write(bytes),
            get pending() {
                return socket.writableLength
            },
            setBaud: () => undefined,
            setDtr: () => undefined,
            setRts: () => undefined,
            close,
        }
    }
}

/** What {@link ComPort.SetControl} can ask for beside the lines. */
export interface ComPortCarrier extends Carrier {
    /** @param written called when the bytes have left this process */
    write(bytes: Uint8Array, written?: () => void): void
    /** RTS and CTS stop and go by themselves. */
    setHardwareFlowControl(on: boolean): void
    setBreak(on: boolean): void
}

/** A serial port over Telnet, with rate and lines. */
export function rfc2217(
    host: string,
    port: number
): (baud: number, events: CarrierEvents) => Promise<ComPortCarrier> {
    const name = `rfc2217://${host}:${port}`
    return async (baud, events) => {
        const socket = await connect(name, host, port)
        const close = whenGone(socket, name, events.gone)
        let agreed: () => void = () => undefined
        const negotiated = new Promise<void>(resolve => (agreed = resolve))
        const telnet = new Telnet([BINARY, SUPPRESS_GO_AHEAD, COM_PORT], {
            send: bytes => void socket.write(bytes),
            agreed: option => {
                if (option === COM_PORT) agreed()
            },
            subnegotiation: (option, payload) => {
                if (
                    option !== COM_PORT ||
                    payload[0] !== ComPort.NotifyModemState + ANSWER
                )
                    return
                const state = payload[1] ?? 0
                events.lines({
                    cts: (state & ModemState.Cts) !== 0,
                    dsr: (state & ModemState.Dsr) !== 0,
                    dcd: (state & ModemState.Dcd) !== 0,
                    ri: (state & ModemState.Ri) !== 0,
                })
            },
        })
        socket.on("data", (bytes: Buffer) => {
            const data = telnet.decode(bytes)
            if (data.length > 0) events.data(data.slice())
        })
        for (const option of [BINARY, SUPPRESS_GO_AHEAD, COM_PORT])
            telnet.propose(option)
        const late = setTimeout(agreed, TIMEOUT)
        await negotiated
        clearTimeout(late)
        if (!telnet.uses(COM_PORT)) {
            close()
            throw new CarrierError(
                `${name} does not speak RFC 2217: try tcp://${host}:${port}`
            )
        }
        const say = (command: ComPort, ...payload: number[]): void =>
            telnet.subnegotiate(COM_PORT, [command, ...payload])
        const setBaud = (rate: number): void =>
            say(ComPort.SetBaudRate, ...bytesOfWord(rate))
        setBaud(baud)
        say(ComPort.SetDataSize, 8)
        say(ComPort.SetParity, 1)
        say(ComPort.SetStopSize, 1)
        const setHardwareFlowControl = (on: boolean): void =>
            say(
                ComPort.SetControl,
                on ? Control.Hardware : Control.NoFlowControl
            )
        setHardwareFlowControl(false)
        say(
            ComPort.SetModemStateMask,
            ModemState.Cts | ModemState.Dsr | ModemState.Dcd | ModemState.Ri
        )
        const carrier: ComPortCarrier = {
            carries: { dtr: true, rts: true, dcd: true, ri: true },
            write: (bytes, written) =>
                void socket.write(telnet.encode(bytes), () => written?.()),
            get pending() {
                return socket.writableLength
            },
            setBaud,
            setDtr: low =>
                say(ComPort.SetControl, low ? Control.DtrOn : Control.DtrOff),
            setRts: ready =>
                say(ComPort.SetControl, ready ? Control.RtsOn : Control.RtsOff),
            setHardwareFlowControl,
            setBreak: on =>
                say(
                    ComPort.SetControl,
                    on ? Control.BreakOn : Control.BreakOff
                ),
            close,
        }
        return carrier
    }
}

function connect(
    name: string,
    host: string,
    port: number
): Promise<net.Socket> {
    return new Promise((resolve, reject) => {
        const socket = net.connect({ host, port, noDelay: true })
        const fail = (why: string): void => {
            socket.destroy()
            reject(new CarrierError(`${name} cannot be reached: ${why}`))
        }
        socket.setTimeout(TIMEOUT, () => fail("no answer"))
        socket.once("error", ({ code, message }: NodeJS.ErrnoException) =>
            fail(code === "ECONNREFUSED" ? "nobody listens there" : message)
        )
        socket.once("connect", () => {
            socket.setTimeout(0)
            socket.removeAllListeners("error")
            socket.on("error", () => undefined)
            resolve(socket)
        })
    })
}

/** @returns what closes it without a word */
function whenGone(
    socket: net.Socket,
    name: string,
    gone: (reason: string) => void
): () => void {
    let closing = false
    socket.on("close", () => {
        if (!closing) gone(`${name} has closed the connection`)
    })
    return () => {
        closing = true
        socket.destroy()
    }
}
