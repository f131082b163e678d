import * as ds from "@devicescript/core"
import { Kind } from "../core/arguments"
import { giveUpAgain, pauseForPuk } from "../core/bearer/card"
import { EnterPuk, PUK_PAUSE, SetPin } from "../core/dialogues/sim"
import { Failure } from "../core/errors"
import { check, checkModem } from "./arguments"
import { converse } from "./dialogue"
import { failed } from "./errors"
import type { Sim800 } from "./sim800"

const NOT_LOCKED =
    "nobody has asked for the PUK: start the modem first, which says whether the card wants it"

/**
 * Changes the PIN of the SIM card, or whether the card asks for it. Throws a
 * `Sim800Error`: a wrong PIN takes one of three tries. The option `pin` has to be
 * the new one at the next start of the program.
 * @param pin the present one, 4–8 digits
 * @param next another one; the same: the card is to ask for it; "": it is not
 */
export async function setPin(
    modem: Sim800,
    pin: string,
    next: string
): Promise<void> {
    check("pin", Kind.Digits, pin, 4, 8)
    if (next !== "") check("next", Kind.Digits, next, 4, 8)
    await converse(modem, new SetPin(pin, next), "set PIN")
    // the card may be asked again before that
    modem.core.config.pin = next
}

/**
 * Unlocks a SIM card that wants its PUK: call it when `Sim800.start()` has thrown
 * `Failure.PukRequired`, and start again afterwards. Never call it without a person who
 * has looked at the PUK: ten wrong ones end the card. So the PUK is given once, only if
 * the card wants it, and not if it has three tries or less. Throws a `Sim800Error` that
 * says how many are left.
 * @param puk 8 digits
 * @param pin what is to be the PIN, 4–8 digits; the option `pin` has to be the same at the
 * next start of the program
 */
export async function enterPuk(
    modem: Sim800,
    puk: string,
    pin: string
): Promise<void> {
    checkModem(modem)
    check("puk", Kind.Digits, puk, 8, 8)
    check("pin", Kind.Digits, pin, 4, 8)
    const { core } = modem
    if (!pauseForPuk(core.bearer, PUK_PAUSE, ds.millis()))
        throw failed(Failure.CommandRefused, "enter PUK", "", NOT_LOCKED)
    try {
        await converse(modem, new EnterPuk(puk, pin), "enter PUK")
        core.config.pin = pin
    } finally {
        giveUpAgain(core.bearer)
    }
}
