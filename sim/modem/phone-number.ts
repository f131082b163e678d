/** Numbers of callers and senders. */

/** `<type>` of a number: international, or unknown ([ATM] 2.2.47). */
export function numberType(number: string): 145 | 129 {
    return number.startsWith("+") ? 145 : 129
}

/** Whether the text can be the number of a caller or sender. */
export function isNumber(text: string): boolean {
    return /^\+?\d{1,20}$/.test(text)
}
