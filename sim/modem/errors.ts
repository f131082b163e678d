/** `+CME ERROR` numbers of this module and their texts, [ATM12] 18.1. */
const texts = {
    3: "operation not allowed",
    10: "SIM not inserted",
    11: "SIM PIN required",
    12: "SIM PUK required",
    13: "SIM failure",
    14: "SIM busy",
    16: "incorrect password",
    17: "SIM PIN2 required",
    20: "memory full",
    21: "invalid index",
    22: "not found",
    24: "text string too long",
    26: "dial string too long",
    27: "invalid characters in dial string",
    30: "no network service",
    31: "network timeout",
    32: "network not allowed - emergency call only",
    100: "unknown",
    107: "GPRS services not allowed",
    148: "unspecified GPRS error",
    160: "DNS resolve failed",
    765: "Invalid input value",
    791: "Param count not enough",
    792: "Param count beyond",
    793: "Param value range beyond",
    795: "Param format invalid",
    797: "CFUN state is 0 or 4",
} as const

export type CmeCode = keyof typeof texts

/** `+CMS ERROR` numbers of this module and their texts, [ATM12] 18.2. */
export const messageErrors = {
    21: "Short message transfer rejected",
    38: "Network out of order",
    302: "operation not allowed",
    304: "invalid PDU mode",
    305: "invalid text mode",
    321: "invalid memory index",
    322: "memory full",
    330: "SMSC address unknown",
    331: "no network",
    332: "network timeout",
} as const

export type CmsCode = keyof typeof messageErrors

/** Error of a command: some numbers have different meanings in the two tables. */
export type ErrorCode = CmeCode | `CMS ${CmsCode}`

/** Whether a number is in the table of `+CMS ERROR`. */
export function isCmsCode(code: number): code is CmsCode {
    return code in messageErrors
}

/** The number in an error of short messages. */
export function cmsCode(code: `CMS ${CmsCode}`): CmsCode {
    return Number(code.slice(4)) as CmsCode
}

export function cmeText(code: CmeCode): string {
    return texts[code]
}

/**
 * Thrown by a command to end its line. AT+CMEE decides its form: `ERROR`, the number,
 * or the text.
 */
export class CommandError extends Error {
    constructor(readonly code: ErrorCode) {
        super(typeof code === "number" ? cmeText(code) : code)
    }
}

/** @throws CommandError 3, operation not allowed, unless `condition` holds */
export function allowedIf(condition: boolean): void {
    if (!condition) throw new CommandError(3)
}
