/** `--modem` and what belongs to it, for commands that use a modem which is not virtual. */
import { InvalidArgumentError, Option, type Command } from "commander"
import { RealModem } from "./real-modem"
import type { RingInput } from "./serial"

/** What {@link addAddressOptions} gives. */
export interface AddressFlags {
    readonly modem?: string
    readonly ri?: RingInput
}

export function addAddressOptions(command: Command): Command {
    return command
        .option(
            "--modem <address>",
            "a modem that is not virtual: /dev/ttyUSB0, COM5, tcp://host:port, rfc2217://host:port"
        )
        .addOption(
            new Option(
                "--ri <line>",
                "with --modem at a USB adapter: the line that RI is wired to"
            ).choices(["dsr"])
        )
}

/**
 * Opens the modem of `--modem`.
 * @param onLog told what becomes of the connection
 * @throws CarrierError if it cannot be had now
 */
export function openModem(
    { modem = "", ri }: AddressFlags,
    onLog: (line: string) => void
): Promise<RealModem> {
    return RealModem.open(modem, { ring: ri, onLog })
}

/** For options that are a server. */
export function hostAndPort(text: string): { host: string; port: number } {
    const found = /^([^:\s"]+):(\d+)$/.exec(text)
    const port = Number(found?.[2])
    if (found === null || !(port >= 1 && port <= 65535))
        throw new InvalidArgumentError("It is host:port.")
    return { host: found[1], port }
}
