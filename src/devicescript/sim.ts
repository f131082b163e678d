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
 * `Sim800Error`: a wrong PIN takes one of three tries. The next start of the program
 * needs the new PIN as the option `pin`.
 * @param pin the present PIN, 4–8 digits
 * @param next a new PIN; the same one: the card asks for it; "": the card asks for none
 */
export async function setPin(
    modem: Sim800,
    pin: string,
    next: string
): Promise<void> {
    check("pin", Kind.Digits, pin, 4, 8)
    if (next !== "") check("next", Kind.Digits, next, 4, 8)
    await converse(modem, new SetPin(pin, next), "set PIN")
    // the card may ask for it before that
    modem.core.config.pin = next
}

/**
 * Unlocks a SIM card that asks for its PUK: call it after `Sim800.start()` has thrown
 * `Failure.PukRequired`, and start again afterwards. A person must have checked the
 * PUK: ten wrong ones destroy the card. So the PUK is given once, only if the card asks
 * for it and has more than three tries left. Throws a `Sim800Error` that says how many
 * are left.
 * @param puk 8 digits
 * @param pin the new PIN, 4–8 digits; the next start of the program needs it as the
 * option `pin`
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
