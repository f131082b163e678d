/** Modules as they lie in Espruino's Storage: each byte means what stood there before. */
import path from "node:path"
import { tokenizer } from "acorn"
import { expect, test } from "vitest"
import { bundle } from "../../espruino/bundle"
import { tokenised } from "../../espruino/tokens"

const root = path.resolve(import.meta.dirname, "../..")

/** Bytes from 138 on, as `src/jslex.h` of Espruino 2v29 has them. */
const LEXER =
    "EQUAL == TYPEEQUAL === NEQUAL != NTYPEEQUAL !== LEQUAL <= LSHIFT << LSHIFTEQUAL <<= GEQUAL >= RSHIFT >> RSHIFTUNSIGNED >>> RSHIFTEQUAL >>= RSHIFTUNSIGNEDEQUAL >>>= PLUSEQUAL += MINUSEQUAL -= PLUSPLUS ++ MINUSMINUS -- MULEQUAL *= DIVEQUAL /= MODEQUAL %= ANDEQUAL &= ANDAND && OREQUAL |= OROR || XOREQUAL ^= ARROW_FUNCTION => IF if ELSE else DO do WHILE while FOR for BREAK break CONTINUE continue FUNCTION function RETURN return VAR var LET let CONST const THIS this THROW throw TRY try CATCH catch FINALLY finally TRUE true FALSE false NULL null UNDEFINED undefined NEW new IN in INSTANCEOF instanceof SWITCH switch CASE case DEFAULT default DELETE delete TYPEOF typeof VOID void DEBUGGER debugger CLASS class EXTENDS extends SUPER super STATIC static OF of"
        .split(" ")
        .filter((_, i) => i % 2 === 1)

/** The source text of it, with a blank between any two tokens. */
function readable(code: string): string {
    let text = ""
    for (let i = 0; i < code.length;) {
        const byte = code.charCodeAt(i++)
        const next = code.charCodeAt(i)
        if (byte < 128) {
            text += String.fromCharCode(byte)
        } else if (byte === 0xd1 || byte === 0xd2) {
            const n =
                byte === 0xd1 ? next : next | (code.charCodeAt(i + 1) << 8)
            i += byte - 0xd0
            text += ` ${JSON.stringify(code.slice(i, i + n))} `
            i += n
        } else if (byte === 0xd3) text += " 0 "
        else if (byte === 0xd4) {
            text += ` ${next} `
            i++
        } else if (byte === 0xd5) {
            text += ` ${next | (code.charCodeAt(i + 1) << 8)} `
            i += 2
        } else text += ` ${LEXER[byte - 138]} `
    }
    return text
}

function tokens(code: string): unknown[] {
    return [...tokenizer(code, { ecmaVersion: 2022 })].map(token => [
        token.type.label,
        (token as { value?: unknown }).value,
    ])
}

test("texts, numbers, words and operators, names that are words, templates", () => {
    expect(tokenised("x=`a${{b:`c${1}`}}d`,2")).toBe(
        "x=`a${{b:`c${1}`}}d`,\xd4\x02"
    )
    const code = tokenised(
        'if(a.delete>=300){return"off"}else b=0,c=7.5,d=12,e=""'
    )
    expect(code).toBe(
        '\xa3(a.delete\x91\xd5\x2c\x01){\xab\xd1\x03off}\xa4b=\xd3,c=7.5,d=\xd4\x0c,e=""'
    )
})

test.each([
    "SIM800-tcp",
    "SIM800",
    "SIM800-mqtt",
    "SIM800-phone",
    "SIM800-selftest",
])(
    "%s says the same",
    async entry => {
        const { small } = await bundle(
            path.join(root, `src/espruino/${entry}.ts`)
        )
        const code = tokenised(small)
        expect(tokens(readable(code))).toEqual(tokens(small))
        expect(code.length).toBeLessThan(small.length)
    },
    240_000
)
