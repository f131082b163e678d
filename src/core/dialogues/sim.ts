/** The PIN of the SIM card: AT+CLCK, AT+CPWD (manual 3.2.17, 3.2.29). */
import { type Dialogue, type Problem, type Talk } from "./talk"

/** the card may be busy, ms */
const TIMEOUT = 15000

/** @devsWhenUsed */
export class SetPin implements Dialogue {
    over = false
    problem: Problem | null = null
    behind: Dialogue | null = null
    private readonly command: string
    private said = false

    /**
     * @param pin the present one
     * @param next what is to be: another one; "": the card asks for none;
     * the same: it asks for it
     */
    constructor(pin: string, next: string) {
        this.command =
            next !== "" && next !== pin
                ? `AT+CPWD="SC","${pin}","${next}"`
                : `AT+CLCK="SC",${next === "" ? 0 : 1},"${pin}"`
    }

    next(talk: Talk): boolean {
        if (this.said) return false
        this.said = true
        talk.say(this.command, TIMEOUT)
        // no error is to show a PIN
        talk.command = this.command.slice(0, 7)
        return true
    }
}
