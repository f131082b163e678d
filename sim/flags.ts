/** Options that the commands of this folder have in common. */
import { Option, InvalidArgumentError, type Command } from "commander"
import { HostNetwork } from "./host/network"
import { PortMap } from "./host/port-map"
import {
    firmwareBuildNames,
    firmwareBuilds,
    type FirmwareBuildName,
} from "./modem/firmware-builds"
import type { DelayProfileName } from "./modem/delays"
import { defaultIdentity, type ModemOptions } from "./modem/options"
import type { RadioLinkName } from "./modem/radio-link"
import { wholeNumber } from "./whole-number"

/** The fixed rates of AT+IPR; 0 is autobaud. */
const RATES = [
    1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800,
]

/** What {@link addModemOptions} gives. */
export interface ModemFlags {
    readonly map: readonly string[]
    readonly listen: readonly string[]
    readonly internet?: boolean
    readonly baud: number
    readonly profile: DelayProfileName
    readonly network: RadioLinkName
    readonly firmware: FirmwareBuildName
    readonly pin?: string
    readonly seed: number
}

function rate(text: string): number {
    if (text === "auto") return 0
    if (!RATES.includes(Number(text)))
        throw new InvalidArgumentError(
            `It is "auto" or one of ${RATES.join(", ")}.`
        )
    return Number(text)
}

function portMapping(
    entry: string,
    entries: readonly string[]
): readonly string[] {
    const all = [...entries, entry]
    try {
        new PortMap(all)
    } catch (error) {
        throw new InvalidArgumentError((error as Error).message)
    }
    return all
}

function pin(text: string): string {
    if (!/^\d{4,8}$/.test(text))
        throw new InvalidArgumentError("It has 4 to 8 digits.")
    return text
}

/**
 * Properties of a virtual SIM800, its SIM card and its network.
 * @param baud rate of an earlier AT+IPR, 0: autobaud
 */
export function addModemOptions(command: Command, baud: number): Command {
    return command
        .option(
            "--map <from=to>",
            "where an address leads: host[:port][@address]=target[:port]; repeatable",
            (entry: string, entries: readonly string[]) => [...entries, entry],
            [] as readonly string[]
        )
        .option(
            "--listen <port=port>",
            "where a port of the modem's is on this machine, 0 for any that is free, for AT+CIPSERVER and AT+CLPORT; repeatable",
            portMapping,
            [] as readonly string[]
        )
        .option("--internet", "reach more than this machine")
        .addOption(
            new Option("--baud <rate>", 'rate of the UART, or "auto"')
                .argParser(rate)
                .default(baud, baud === 0 ? "auto" : undefined)
        )
        .addOption(
            new Option(
                "--profile <name>",
                "how long the modem takes for things"
            )
                .choices(["realistic", "fast", "instant"])
                .default("realistic")
        )
        .addOption(
            new Option("--network <name>", "what the radio is like")
                .choices(["fast", "gprs"])
                .default("fast")
        )
        .addOption(
            new Option("--firmware <build>", "which module with which firmware")
                .choices(firmwareBuildNames)
                .default(firmwareBuildNames[0])
        )
        .option("--pin <pin>", "PIN of the SIM card", pin)
        .option(
            "--seed <number>",
            "what random faults are made from",
            wholeNumber(0, 2 ** 31 - 1),
            1
        )
}

/** The number of the first modem's SIM card. */
const FIRST_NUMBER = 8613900000001

/** The serial number counts, and its check digit follows (3GPP 23.003, annex B). */
function imeiOf(index: number): string {
    const digits = String(Number(defaultIdentity.imei.slice(0, 14)) + index)
    const sum = [...digits].reduce((sum, digit, i) => {
        const value = Number(digit) * (i % 2 === 0 ? 1 : 2)
        return sum + Math.floor(value / 10) + (value % 10)
    }, 0)
    return digits + String((10 - (sum % 10)) % 10)
}

/**
 * The modem that the options ask for, in the network of this machine.
 * @param index of several: each has its own IMEI, number and seed
 * @throws Error if an entry of --map is malformed, or leads off this machine
 */
export function modemOptions(
    flags: ModemFlags,
    index = 0
): ModemOptions & { readonly network: HostNetwork } {
    const { baud, profile, network, seed } = flags
    try {
        return {
            network: new HostNetwork(flags),
            delays: profile,
            radio: network,
            identity: {
                ...firmwareBuilds[flags.firmware].identity,
                ...(index > 0 && { imei: imeiOf(index) }),
            },
            firmware: firmwareBuilds[flags.firmware].firmware,
            sim: {
                pin: flags.pin,
                ...(index > 0 && {
                    ownNumber: `+${FIRST_NUMBER + index}`,
                }),
            },
            stored: { baud },
            dteBaud: baud === 0 ? 115200 : baud,
            seed: seed + index,
            utc: Date.now(),
        }
    } catch (error) {
        throw new Error(`--map ${(error as Error).message}`)
    }
}
