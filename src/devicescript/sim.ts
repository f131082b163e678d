import { Kind } from "../core/arguments"
import { SetPin } from "../core/dialogues/sim"
import { check } from "./arguments"
import { converse } from "./dialogue"
import type { Sim800 } from "./sim800"

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
