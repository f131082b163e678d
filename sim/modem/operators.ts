import type { OperatorOptions, OtherOperator } from "./options"

/** The receivable networks, the home network first. */
export function operatorsOf(home: OperatorOptions): readonly OtherOperator[] {
    return [{ ...home, isForbidden: false }, ...home.others]
}

/** The network chosen by AT+COPS, or the home network. */
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
