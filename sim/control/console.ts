/**
 * The interfaces to a running modem for persons and scripts: lines, keys, control port,
 * page.
 */
import { Option, type Command } from "commander"
import type { Display } from "../display"
import { wholeNumber } from "../whole-number"
import type { FeedEvent } from "./feed"
import { Keys } from "./keys"
import { ControlServer } from "./server"
import type { Station } from "./station"

/** What {@link addConsoleOptions} gives. */
export interface ConsoleFlags {
    readonly control?: number
    readonly page?: number | true
}

export function addConsoleOptions(command: Command): Command {
    return command
        .addOption(
            new Option(
                "--control <port>",
                "HTTP and JSON on a port of 127.0.0.1, for scripts; 0 for any that is free"
            ).argParser(wholeNumber(0, 65535))
        )
        .addOption(
            new Option(
                "--page [port]",
                "a page for a browser, which shows everything; any port that is free, or this one"
            ).argParser(wholeNumber(0, 65535))
        )
}

export interface ConsoleOptions {
    readonly station: Station
    readonly display: Display
    readonly flags: ConsoleFlags
    /** Shows the traffic. */
    readonly traffic: boolean
    /** Shows every change of state. */
    readonly states: boolean
    readonly quit: () => void
    /** Keys of the terminal act on this modem. Default true. */
    readonly keys?: boolean
}

export class Console {
    private constructor(
        private readonly keys: Keys | undefined,
        private readonly servers: readonly ControlServer[]
    ) {}

    /** @throws Error that says which port cannot be had */
    static async open(options: ConsoleOptions): Promise<Console> {
        const { station, display, flags, quit } = options
        station.feed.listen(event => show(event, options))
        const servers: ControlServer[] = []
        const serve = async (port: number, page: boolean): Promise<void> => {
            const server = await ControlServer.open({
                station,
                port,
                page,
            }).catch((error: NodeJS.ErrnoException) => {
                throw new Error(
                    error.code === "EADDRINUSE"
                        ? `port ${port} is in use; choose another one with ${page ? "--page" : "--control"}, or 0 for any`
                        : `port ${port}: ${error.message}`
                )
            })
            servers.push(server)
            display.show(
                "sim",
                page
                    ? `page: ${server.url}`
                    : `control: curl -H 'Authorization: Bearer ${server.token}' http://127.0.0.1:${server.port}/api/state`
            )
        }
        if (flags.control !== undefined) await serve(flags.control, false)
        if (flags.page !== undefined)
            await serve(flags.page === true ? 0 : flags.page, true)
        const keys =
            options.keys === false
                ? undefined
                : Keys.open({
                      station,
                      input: process.stdin,
                      output: process.stdout,
                      show: text => display.show("sim", text),
                      quit,
                  })
        if (keys) display.show("sim", "keys: ? lists them, q ends it")
        return new Console(keys, servers)
    }

    async close(): Promise<void> {
        this.keys?.close()
        await Promise.all(this.servers.map(server => server.close()))
    }
}

function show(
    event: FeedEvent,
    { display, traffic, states }: ConsoleOptions
): void {
    switch (event.kind) {
        case "data":
            if (traffic) display.traffic(event)
            return
        case "state":
            if (states)
                display.show(
                    "state",
                    `${event.subject}: ${event.from} → ${event.to}`
                )
            return
        case "message":
            if (event.way === "out")
                display.show(
                    "sim",
                    `short message to ${event.number}: ${event.text}`
                )
            return
        case "log":
            display.show(event.source, event.text)
            return
        case "action":
            display.show("sim", event.text)
            return
        case "pin":
    }
}
