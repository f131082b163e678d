import { SerialPort } from "serialport"
import { CarrierError, type Carrier, type Connect } from "./carrier"

/**
 * How often the lines are looked at, ms: the shortest pulse on RI, in data mode,
 * takes 50 ms.
 */
const POLL_MS = 10

/** Where RI is wired to: `serialport` cannot read an adapter's RI. */
export type RingInput = "dsr" | "none"

interface LineStatus {
    readonly cts: boolean
    readonly dsr: boolean
    readonly dcd: boolean
}

/** A serial port of this machine: a USB adapter, or a pseudo terminal, which has no lines. */
export function serial(path: string, ring: RingInput): Connect {
    return async (baud, events) => {
        const port = new SerialPort({
            path,
            baudRate: baud,
            autoOpen: false,
            hupcl: false,
        })
        await new Promise<void>((resolve, reject) =>
            port.open(error =>
                error
                    ? reject(new CarrierError(explain(path, error.message)))
                    : resolve()
            )
        )
        const lines = await status(port)
        let closing = false
        const timer =
            lines === undefined
                ? undefined
                : setInterval(() => {
                      void status(port).then(now => {
                          if (now === undefined || closing) return
                          const { cts, dcd, dsr } = now
                          const ri = ring === "dsr" ? { ri: dsr } : {}
                          events.lines({ cts, dcd, ...ri })
                      })
                  }, POLL_MS)
        port.on("data", (bytes: Buffer) => events.data(Uint8Array.from(bytes)))
        port.on("error", () => undefined)
        port.on("close", () => {
            clearInterval(timer)
            if (!closing) events.gone(`${path} is gone: is it unplugged?`)
        })
        const set = (option: { dtr: boolean } | { rts: boolean }): void => {
            if (lines !== undefined && port.isOpen)
                port.set(option, () => undefined)
        }
        const carrier: Carrier = {
            carries: {
                dtr: lines !== undefined,
                rts: lines !== undefined,
                dcd: lines !== undefined,
                ri: lines !== undefined && ring !== "none",
            },
            write: bytes => void port.write(Buffer.from(bytes)),
            get pending() {
                return port.writableLength
            },
            setBaud: rate => {
                if (port.isOpen)
                    port.update({ baudRate: rate }, () => undefined)
            },
            setDtr: low => set({ dtr: low }),
            setRts: ready => set({ rts: ready }),
            close: () => {
                closing = true
                clearInterval(timer)
                if (port.isOpen) port.close(() => undefined)
            },
        }
        return carrier
    }
}

/** @returns undefined if the port has no lines */
function status(port: SerialPort): Promise<LineStatus | undefined> {
    return new Promise(resolve => {
        if (!port.isOpen) resolve(undefined)
        else
            port.get((error, lines) =>
                resolve(error ? undefined : (lines as LineStatus))
            )
    })
}

/** Why a port cannot be had and what to do, from what `serialport` says. */
export function explain(
    path: string,
    message: string,
    platform: NodeJS.Platform = process.platform
): string {
    if (/No such file|File not found|cannot find/i.test(message))
        return `there is no ${path}: is the adapter plugged in?`
    if (/Permission denied|Access denied/i.test(message))
        return platform === "win32"
            ? `${path} is in use by another program: close it`
            : `you may not use ${path}: sudo usermod -aG dialout $USER, then log in anew`
    if (/lock|busy/i.test(message))
        return `${path} is in use by another program: close it (a terminal, ModemManager)`
    if (/Is a directory/i.test(message))
        return `${path} is a folder: give a serial port, such as /dev/ttyUSB0`
    return `${path} cannot be opened: ${message}`
}
