import type { Output } from "./output"
import type { Battery } from "./options"
import { choice, type SettingData, type SettingStore } from "./setting"

/** AT+CBATCHK ([ATM12] 6.2.81); how it is kept is not documented. */
export const voltageChecks: SettingData = {
    name: "+CBATCHK",
    values: [choice([0, 1])],
    saved: "by itself",
}

/** Limits of the supply, mV ([HD]). */
const UNDER_POWER_DOWN = 3400
const UNDER_WARNING = 3500
const OVER_WARNING = 4300
const OVER_POWER_DOWN = 4400

export interface SupplyModule {
    readonly output: Pick<Output, "notice">
    readonly settings: Pick<SettingStore, "valuesOf">
    readonly hardware: { readonly battery: Battery; powerOff(): void }
    readonly uart: { whenPending(bytes: number, run: () => void): void }
}

/** Watches over the supply, for AT+CBATCHK=1 ([HD], [ATM12] 18.3). */
export class Supply {
    private warned = ""

    constructor(private readonly module: SupplyModule) {}

    /** The voltage, or AT+CBATCHK, has changed: warns once, or goes off. */
    check(): void {
        const { hardware, output, settings, uart } = this.module
        if (settings.valuesOf(voltageChecks)[0] === 0) return
        const { millivolts } = hardware.battery
        const side = millivolts < 3900 ? "UNDER" : "OVER"
        const isFatal =
            millivolts < UNDER_POWER_DOWN || millivolts > OVER_POWER_DOWN
        const isBad = millivolts <= UNDER_WARNING || millivolts >= OVER_WARNING
        const word = isFatal
            ? `${side}-VOLTAGE POWER DOWN`
            : isBad
              ? // as modules spell it
                `${side}-VOLTAGE WARNNING`
              : ""
        if (word !== "" && word !== this.warned) output.notice(word)
        this.warned = word
        if (isFatal) uart.whenPending(0, () => hardware.powerOff())
    }
}
