import type { OperatorOptions, OtherOperator } from "./options"

/** The networks that can be heard, that of the SIM card first. */
export function operatorsOf(home: OperatorOptions): readonly OtherOperator[] {
    return [{ ...home, isForbidden: false }, ...home.others]
}

/** The network that was chosen with AT+COPS, or that of the SIM card. */
export function presentOperator(
    home: OperatorOptions,
    chosen: string | undefined
): OtherOperator {
    const operators = operatorsOf(home)
    return (
        operators.find(({ numericName }) => numericName === chosen) ??
        operators[0]
    )
}
