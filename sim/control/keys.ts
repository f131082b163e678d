/** The keys of a terminal: one for each action. */
import readline from "node:readline"
import type { Readable, Writable } from "node:stream"
import { ActionError, actions, typed, type Action } from "./actions"
import type { Station } from "./station"

const CTRL_C = "\x03"
const CTRL_D = "\x04"

/** A terminal's input: `process.stdin`, if it is one. */
export interface KeyInput extends Readable {
    readonly isTTY?: boolean
    setRawMode?(raw: boolean): unknown
}

export interface KeysOptions {
    readonly station: Station
    readonly input: KeyInput
    readonly output: Writable
    /** Shows a line. */
    readonly show: (text: string) => void
    /** Ctrl-C, Ctrl-D or q. */
    readonly quit: () => void
}

/** What `?` shows. */
export function keyHelp(names: readonly string[]): string {
    const rows = names.map(name => {
        const { key, summary, parameters }: Action =
            actions[name as keyof typeof actions]
        const asks = Object.keys(parameters).length > 0
        const keys = asks ? `${key} ${key.toUpperCase()}` : key
        return `  ${keys.padEnd(4)} ${name.padEnd(13)} ${summary}`
    })
    return [
        "keys; a capital letter asks for the values first:",
        ...rows,
        "  ?    this list",
        "  q    end, as Ctrl-C",
    ].join("\n")
}

/** Performs actions when keys are pressed, until it is closed. */
export class Keys {
    private asking: readline.Interface | undefined
    private closed = false
    private readonly listener = (text: string): void => this.press(text)

    private constructor(private readonly options: KeysOptions) {
        const { input } = options
        input.setEncoding("utf8")
        this.listen()
    }

    /** @returns nothing if the input is no terminal */
    static open(options: KeysOptions): Keys | undefined {
        const { input } = options
        return input.isTTY && input.setRawMode ? new Keys(options) : undefined
    }

    close(): void {
        this.closed = true
        this.asking?.close()
        this.deafen()
    }

    private listen(): void {
        const { input } = this.options
        input.setRawMode?.(true)
        input.on("data", this.listener)
        input.resume()
    }

    private deafen(): void {
        const { input } = this.options
        input.off("data", this.listener)
        input.pause()
        input.setRawMode?.(false)
    }

    private press(text: string): void {
        for (const key of text) {
            if (this.asking) return
            if (key === CTRL_C || key === CTRL_D || key === "q")
                this.options.quit()
            else if (key === "?")
                this.options.show(keyHelp(this.options.station.actions))
            else this.act(key)
        }
    }

    private act(key: string): void {
        const { station, show } = this.options
        const name = station.actions.find(
            name =>
                actions[name as keyof typeof actions].key === key.toLowerCase()
        )
        if (name === undefined) {
            if (/^[a-z]$/i.test(key))
                show(
                    station.actions.length === 0
                        ? "this modem is real: the keys do nothing to it"
                        : `no action is on "${key}": ? lists them`
                )
            return
        }
        const { parameters }: Action = actions[name as keyof typeof actions]
        const needed = Object.values(parameters).some(
            ({ optional, default: value }) => !optional && value === undefined
        )
        const wants =
            key !== key.toLowerCase() && Object.keys(parameters).length
        if (needed || wants) void this.ask(name)
        else this.perform(name, {})
    }

    /** Asks for the values of an action, then performs it. */
    private async ask(name: string): Promise<void> {
        const { input, output } = this.options
        const { parameters }: Action = actions[name as keyof typeof actions]
        this.deafen()
        const values: Record<string, string | number | undefined> = {}
        let choices: readonly string[] = []
        const asking = readline.createInterface({
            input,
            output,
            terminal: true,
            historySize: 0,
            completer: (line: string) => [
                choices.filter(choice => choice.startsWith(line)),
                line,
            ],
        })
        this.asking = asking
        const cancelled = new Promise<undefined>(resolve =>
            asking.once("close", () => resolve(undefined))
        )
        try {
            for (const [key, parameter] of Object.entries(parameters)) {
                choices = parameter.kind === "choice" ? parameter.choices : []
                const hint =
                    choices.length > 0
                        ? `${parameter.summary}, Tab lists`
                        : parameter.summary
                const preset =
                    parameter.default === undefined
                        ? ""
                        : ` [${parameter.default}]`
                const answer = await Promise.race([
                    new Promise<string>(resolve =>
                        asking.question(
                            `${name} ${key} (${hint})${preset}: `,
                            resolve
                        )
                    ),
                    cancelled,
                ])
                if (answer === undefined) return
                values[key] = typed(parameter, answer.trim())
            }
        } finally {
            this.asking = undefined
            asking.close()
            if (!this.closed) this.listen()
        }
        this.perform(name, values)
    }

    private perform(name: string, values: unknown): void {
        const { station, show } = this.options
        try {
            station.perform(name, values)
        } catch (error) {
            if (!(error instanceof ActionError)) throw error
            show(error.message)
        }
    }
}
