/**
 * Code as Espruino keeps it in its Storage: reserved words, operators, texts and numbers
 * are bytes that its interpreter knows at sight. Its own tools call that pretokenised.
 * A text is not copied when it is used: it stays in flash.
 *
 *     return a===0?"off":b        RETURN a TYPEEQUAL INT0 ? STRING8 3 o f f : b
 */
import { tokenizer, type Token } from "acorn"

/** The first of them, as `src/jslex.h` of Espruino counts. */
const FIRST = 138
/** in the order of `LEX_TYPES` there */
const TOKENS =
    "== === != !== <= << <<= >= >> >>> >>= >>>= += -= ++ -- *= /= %= &= && |= || ^= => if else do while for break continue function return var let const this throw try catch finally true false null undefined new in instanceof switch case default delete typeof void debugger class extends super static of".split(
        " "
    )
const STRING8 = 0xd1
const STRING16 = 0xd2
const INT0 = 0xd3
const INT8 = 0xd4
const INT16 = 0xd5

/** Espruino does not know it in this form (espruino/Espruino #1868). */
const PLAIN = new Set(["catch"])

const isWord = (text: string): boolean => /^[\w$]/.test(text)

/** A number in two or three bytes, if that is not longer than its digits. */
function number(value: number, text: string): string {
    if (value === 0) return String.fromCharCode(INT0)
    if (!Number.isInteger(value)) return text
    if (value < 128) return String.fromCharCode(INT8, value)
    if (value < 32768)
        return String.fromCharCode(INT16, value & 255, value >> 8)
    return text
}

function string(value: string, text: string): string {
    const { length } = value
    if (length === 0 || length > 65535 || /[^\0-\xff]/.test(value)) return text
    return length < 256
        ? String.fromCharCode(STRING8, length) + value
        : String.fromCharCode(STRING16, length & 255, length >> 8) + value
}

/** acorn does not declare it. */
function valueOf(token: Token): unknown {
    return (token as Token & { value?: unknown }).value
}

/** @returns one character a byte */
export function tokenised(code: string): string {
    let result = ""
    /** the last token is a word, and must be separated from another word */
    let word = false
    let last: Token | undefined
    const tokens = tokenizer(code, { ecmaVersion: 2022 })
    for (const token of tokens) {
        const { label } = token.type
        let text = code.slice(token.start, token.end)
        // a template stays unchanged
        if (label === "`") text = code.slice(token.start, endOfTemplate(tokens))
        // the name of a property may be a reserved word
        const isName = label === "name" || last?.type.label === "."
        const index = isName && text !== "of" ? -1 : TOKENS.indexOf(text)
        let made = text
        if (label === "string") made = string(valueOf(token) as string, text)
        else if (label === "num") made = number(valueOf(token) as number, text)
        else if (index >= 0 && !PLAIN.has(text))
            made = String.fromCharCode(FIRST + index)
        if (word && isWord(made)) result += " "
        result += made
        word = isWord(made)
        last = token
    }
    return result
}

/** @returns where a template ends whose beginning has been taken */
function endOfTemplate(tokens: Iterable<Token>): number {
    const open = ["`"]
    for (const token of tokens) {
        const { label } = token.type
        if (label === "}" || (label === "`" && open.at(-1) === "`")) open.pop()
        else if (label === "`" || label === "{" || label === "${")
            open.push(label)
        if (open.length === 0) return token.end
    }
    throw new Error("a template without its end")
}
