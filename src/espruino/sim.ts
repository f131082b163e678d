/** The PIN of the SIM card, its PUK; and whether a host answers. */
import { Kind } from "../core/arguments"
import { giveUpAgain, pauseForPuk } from "../core/bearer/card"
import { Ping } from "../core/dialogues/ping"
import { EnterPuk, PUK_PAUSE, SetPin } from "../core/dialogues/sim"
import { Failure } from "../core/errors"
import { check, failed } from "./errors"
import { Sim800 } from "./modem"
import { converse } from "./talk"

const PINGS = 4
const PING_TIMEOUT = 10000
const NOT_LOCKED =
    "nobody has asked for the PUK: start the modem first, which says whether the card wants it"

declare module "./modem" {
    interface Sim800 {
        setPin(pin: string, next: string): Promise<void>
        enterPuk(puk: string, pin: string): Promise<void>
        ping(host: string, count?: number, timeout?: number): Promise<number[]>
    }
}

Sim800.prototype.setPin = function (this: Sim800, pin: string, next: string) {
    check("pin", Kind.Digits, pin, 4, 8)
    if (next !== "") check("next", Kind.Digits, next, 4, 8)
    const config = this.core.config
    return converse(this, new SetPin(pin, next), "set PIN").then(() => {
        // the card may ask for it before the next start
        config.pin = next
    })
}

Sim800.prototype.enterPuk = function (this: Sim800, puk: string, pin: string) {
    check("puk", Kind.Digits, puk, 8, 8)
    check("pin", Kind.Digits, pin, 4, 8)
    const core = this.core
    if (!pauseForPuk(core.bearer, PUK_PAUSE, this.elapsed()))
        throw failed(Failure.CommandRefused, "enter PUK", "", NOT_LOCKED)
    return converse(this, new EnterPuk(puk, pin), "enter PUK").then(
        () => {
            core.config.pin = pin
            giveUpAgain(core.bearer)
        },
        e => {
            giveUpAgain(core.bearer)
            throw e
        }
    )
}

Sim800.prototype.ping = function (
    this: Sim800,
    host: string,
    count?: number,
    timeout?: number
) {
    count = count || PINGS
    timeout = timeout || PING_TIMEOUT
    check("host", Kind.Host, host, 1, 255)
    check("count", Kind.Whole, count, 1, 20)
    check("timeout", Kind.Whole, timeout, 100, 60000)
    const dialogue = new Ping(host, count, Math.round(timeout / 100))
    return converse(this, dialogue, "ping " + host).then(() => dialogue.times)
}
