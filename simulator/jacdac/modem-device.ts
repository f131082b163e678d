/**
 * The Jacdac device that the VM sees: the data lines of the modem's UART as the
 * service `Serial`, its other lines as the service of services/modem-lines.md.
 */
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import {
    JDServerServiceProvider,
    JDServiceServer,
    loadServiceSpecifications,
    Packet,
    parseServiceSpecificationMarkdownToJSON,
    SerialCmd,
    SerialReg,
    serviceSpecifications,
    SRV_SERIAL,
} from "jacdac-ts"
import type { BytePipe, DteSide } from "../../sim/modem/uart"

/** Most bytes of payload in a Jacdac packet. */
const PACKET = 236
/** How long received bytes are gathered for one packet, ms. */
const GATHER = 2

const specFile = fileURLToPath(
    new URL("../../services/modem-lines.md", import.meta.url)
)
const spec = parseServiceSpecificationMarkdownToJSON(
    readFileSync(specFile, "utf8"),
    Object.fromEntries(serviceSpecifications().map(s => [s.shortId, s])),
    specFile
)
loadServiceSpecifications([spec])

/** Codes of services/modem-lines.md. */
enum LinesReg {
    DteLines = 0x80,
    DceLines = 0x180,
}
const DCE_LINES_CHANGED = 0x80

enum DteLine {
    Dtr = 0x01,
    Rts = 0x02,
    Reset = 0x04,
    PowerKey = 0x08,
}
enum DceLine {
    Cts = 0x01,
    Dcd = 0x02,
    Ri = 0x04,
}

class SerialService extends JDServiceServer {
    private gathered: Uint8Array[] = []
    private size = 0
    private timer: NodeJS.Timeout | undefined

    constructor(dte: DteSide, data: BytePipe, name: string) {
        super(SRV_SERIAL)
        this.addRegister(SerialReg.Connected, [false])
        this.addRegister(SerialReg.ConnectionName, [name])
        this.addRegister(SerialReg.DataBits, [8])
        this.addRegister(SerialReg.StopBits, [1])
        this.addRegister(SerialReg.ParityMode, [0])
        const baud = this.addRegister<[number]>(SerialReg.BaudRate, [dte.baud])
        baud.on("change", () => dte.setBaud(baud.values()[0]))
        this.addCommand(SerialCmd.Send, pkt => data.write(pkt.data))
        data.onData = bytes => this.gather(bytes)
    }

    private gather(bytes: Uint8Array): void {
        this.gathered.push(bytes)
        this.size += bytes.length
        if (this.size >= PACKET) this.flush()
        else this.timer ??= setTimeout(() => this.flush(), GATHER)
    }

    private flush(): void {
        clearTimeout(this.timer)
        this.timer = undefined
        const all = Buffer.concat(this.gathered)
        this.gathered = []
        this.size = 0
        for (let at = 0; at < all.length; at += PACKET)
            void this.sendPacketAsync(
                Packet.from(
                    SerialCmd.Send,
                    new Uint8Array(all.subarray(at, at + PACKET))
                )
            )
    }

    stop(): void {
        clearTimeout(this.timer)
    }
}

class LinesService extends JDServiceServer {
    constructor(dte: DteSide) {
        super(spec.classIdentifier)
        const outputs = this.addRegister<[number]>(LinesReg.DteLines, [
            DteLine.Rts,
        ])
        outputs.on("change", () => {
            const [lines] = outputs.values()
            dte.setRts((lines & DteLine.Rts) !== 0)
            dte.setDtr((lines & DteLine.Dtr) !== 0)
            dte.setReset((lines & DteLine.Reset) !== 0)
            dte.setPowerKey((lines & DteLine.PowerKey) !== 0)
        })
        const read = (): number =>
            (dte.cts ? DceLine.Cts : 0) |
            (dte.dcd ? DceLine.Dcd : 0) |
            (dte.ri ? DceLine.Ri : 0)
        const inputs = this.addRegister<[number]>(LinesReg.DceLines, [read()])
        const changed = (): void => {
            inputs.setValues([read()])
            void this.sendEvent(DCE_LINES_CHANGED, Uint8Array.of(read()))
        }
        dte.onCts = dte.onDcd = dte.onRi = changed
    }
}

/** A modem on the bus. */
export class ModemDevice extends JDServerServiceProvider {
    private readonly serial: SerialService

    /**
     * @param data the data lines, if they are tapped; else those of `dte`
     * @param name the connection's name for programs
     */
    constructor(
        dte: DteSide,
        data: BytePipe = dte,
        name: string = "virtual SIM800"
    ) {
        const serial = new SerialService(dte, data, name)
        super("virtual SIM800", [serial, new LinesService(dte)])
        this.serial = serial
    }

    /** Sends nothing any more. */
    unplug(): void {
        this.serial.stop()
    }
}
