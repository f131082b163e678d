/** The command line of every command: what is misspelt is told, with what may be meant. */
import {
    Command,
    InvalidArgumentError,
    type CommanderError,
    type Option,
} from "commander"

/**
 * In the words in which an option that is misspelt is told.
 * @param word that is none of the known ones
 * @returns `(Did you mean …?)`, empty if it is like none of them
 */
export function didYouMean(word: string, known: readonly string[]): string {
    const asked = new Command()
        .exitOverride()
        .configureOutput({ writeErr: () => undefined })
    for (const each of new Set(known)) asked.addCommand(new Command(each))
    try {
        asked.parse([word], { from: "user" })
    } catch (error) {
        const [, said] = (error as Error).message.split("\n")
        return said ?? ""
    }
    return ""
}

export class Program extends Command {
    constructor(name: string) {
        super(name)
        this.showHelpAfterError("--help lists the options")
    }

    override addOption(option: Option): this {
        const { argChoices, parseArg } = option
        if (argChoices && parseArg)
            option.argParser<unknown>((value, previous) => {
                try {
                    return parseArg(value, previous)
                } catch (error) {
                    const { code, message } = error as CommanderError
                    // the option may be of another copy of commander
                    if (code !== "commander.invalidArgument") throw error
                    const meant = didYouMean(value, argChoices)
                    throw new InvalidArgumentError(
                        [message, meant].filter(Boolean).join(" ")
                    )
                }
            })
        return super.addOption(option)
    }
}
