/**
 * `npm run compare`: types the application note's chapters into a modem, and reports
 * its differences from the virtual SIM800, for the maintainers of the latter.
 */
import { writeFileSync } from "node:fs"
import { Option } from "commander"
import {
    addAddressOptions,
    hostAndPort,
    openModem,
    type AddressFlags,
} from "./adapter/address-flags"
import { parseAddress } from "./adapter/carrier"
import type { RealModem } from "./adapter/real-modem"
import { chapters, type Place } from "./compare/chapters"
import {
    chapterState,
    compare,
    compareWithBuilds,
    Player,
    playVirtual,
    type Played,
} from "./compare/comparison"
import { reportOf } from "./compare/report"
import {
    firmwareBuildNames,
    type FirmwareBuildName,
} from "./modem/firmware-builds"
import { RealClock } from "./modem/clock"
import { TranscriptWriter } from "./control/transcript"
import { Station } from "./control/station"
import { Program } from "./program"
import { checkWritable } from "./file-trouble"
import packageInfo from "./package.json" with { type: "json" }

interface Options extends AddressFlags {
    readonly apn: string
    readonly pin?: string
    readonly echo?: { readonly host: string; readonly port: number }
    readonly firmware?: FirmwareBuildName
    readonly output?: string
    readonly record?: string
}

/** A name that every network knows, where there is no server: RFC 2606. */
const NOWHERE = { host: "example.com", port: 7 }

const WAYS = {
    serial: "a serial port",
    tcp: "TCP",
    rfc2217: "RFC 2217",
} as const

const command = new Program("npm run compare --").description(
    "Types the application note's chapters into a modem, and says where it differs from the virtual SIM800. Nothing is stored in the modem; some kilobytes are sent."
)
addAddressOptions(command)
    .option("--apn <name>", "access point of the operator", "internet")
    .option("--pin <digits>", "PIN of the SIM card")
    .option(
        "--echo <host:port>",
        "a TCP server that the modem can reach, and that sends back what it gets; without it chapters with connections are left out",
        hostAndPort
    )
    .addOption(
        new Option(
            "--firmware <build>",
            "what to compare with (default: the build that is nearest)"
        ).choices(firmwareBuildNames)
    )
    .option(
        "--output <file>",
        "where the report goes to, instead of the terminal"
    )
    .option("--record <file>", "keep a transcript of all that crosses the wire")

const options = command.parse().opts<Options>()
const place: Place = { apn: options.apn, ...(options.echo ?? NOWHERE) }

/** Progress goes to stderr: the report may go to stdout. */
const say = (text: string): void => console.error(text)

async function playReal(modem: RealModem): Promise<readonly Played[]> {
    const clock = new RealClock()
    const station = new Station(modem, clock)
    const lines: string[] = []
    const writer = new TranscriptWriter(line => lines.push(line))
    if (options.record) station.feed.listen(event => writer.add(event))
    const player = new Player(
        {
            dte: station.probe,
            now: () => clock.now(),
            pass: ms => new Promise(done => clock.after(ms, done)),
            setBaud: rate => modem.setBaud(rate),
        },
        place,
        options.pin
    )
    const played: Played[] = []
    try {
        const reason = await player.begin()
        if (reason) say(`without a network: ${reason}`)
        const virtual = await playVirtual(
            options.firmware ?? firmwareBuildNames[0],
            place
        )
        for (const [i, chapter] of chapters(place).entries()) {
            const one = await player.play(chapter, options.echo !== undefined)
            played.push(one)
            say(`${one.name}: ${chapterState(compare(one, virtual[i]))}`)
        }
        await player.end()
    } finally {
        station.feed.flush()
        if (options.record)
            writeFileSync(options.record, lines.join("\n") + "\n")
    }
    return played
}

async function main(): Promise<void> {
    for (const name of ["output", "record"] as const)
        if (options[name]) checkWritable(`--${name}`, options[name])
    const modem = await openModem(options, say)
    const way = `${WAYS[parseAddress(options.modem ?? "").kind]}, ${modem.description}`
    say(`modem: ${options.modem}, ${modem.description}`)
    try {
        const played = await playReal(modem)
        const compared = await compareWithBuilds(
            played,
            place,
            options.firmware
        )
        const report = reportOf(compared, {
            way,
            version: packageInfo.version,
            date: new Date().toISOString().slice(0, 10),
        })
        if (options.output) writeFileSync(options.output, report)
        else console.log(report)
    } finally {
        modem.close()
    }
}

if (options.modem === undefined)
    command.error("error: --modem says which modem to compare")
main().then(
    () => process.exit(0),
    (error: unknown) => {
        say(error instanceof Error ? error.message : String(error))
        process.exit(1)
    }
)
