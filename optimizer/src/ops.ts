/** Opcodes by short names, and their properties in the CLI's tables. */
import { tables } from "./toolchain.ts"

const { Op, BytecodeFlag, FunctionFlag, StrIdx, BinFmt, properties } = tables()

/** Names by opcode: the CLI's enum has them both ways. */
const NAMES = Op as unknown as Readonly<Record<number, string>>

/** An opcode; a name that the CLI does not have is an error at once. */
function opcode(name: string): number {
    const found = Op[name]
    if (found === undefined)
        throw new Error(`this version of DeviceScript has no opcode ${name}`)
    return found
}

/* Statements. */
export const CALL0 = opcode("STMT1_CALL0")
export const CALL8 = opcode("STMT9_CALL8")
export const CALL_ARRAY = opcode("STMT2_CALL_ARRAY")
export const RETURN = opcode("STMT1_RETURN")
export const JMP = opcode("STMTx_JMP")
export const JMP_Z = opcode("STMTx1_JMP_Z")
export const JMP_RET_VAL_Z = opcode("STMTx_JMP_RET_VAL_Z")
export const TRY = opcode("STMTx_TRY")
export const END_TRY = opcode("STMTx_END_TRY")
export const CATCH = opcode("STMT0_CATCH")
export const FINALLY = opcode("STMT0_FINALLY")
export const THROW = opcode("STMT1_THROW")
export const RE_THROW = opcode("STMT1_RE_THROW")
export const THROW_JMP = opcode("STMTx1_THROW_JMP")
export const DEBUGGER = opcode("STMT0_DEBUGGER")
export const STORE_LOCAL = opcode("STMTx1_STORE_LOCAL")
export const STORE_GLOBAL = opcode("STMTx1_STORE_GLOBAL")
export const STORE_CLOSURE = opcode("STMTx2_STORE_CLOSURE")
export const STORE_BUFFER = opcode("STMT4_STORE_BUFFER")
export const STORE_RET_VAL = opcode("STMT1_STORE_RET_VAL")
export const INDEX_SET = opcode("STMT3_INDEX_SET")
export const INDEX_DELETE = opcode("STMT2_INDEX_DELETE")
export const ALLOC_MAP = opcode("STMT0_ALLOC_MAP")
export const ALLOC_ARRAY = opcode("STMT1_ALLOC_ARRAY")
export const ALLOC_BUFFER = opcode("STMT1_ALLOC_BUFFER")

/* Expressions. */
export const LOAD_LOCAL = opcode("EXPRx_LOAD_LOCAL")
export const LOAD_GLOBAL = opcode("EXPRx_LOAD_GLOBAL")
export const LOAD_CLOSURE = opcode("EXPRx1_LOAD_CLOSURE")
export const MAKE_CLOSURE = opcode("EXPRx_MAKE_CLOSURE")
export const INDEX = opcode("EXPR2_INDEX")
export const BUILTIN_FIELD = opcode("EXPRx1_BUILTIN_FIELD")
export const ASCII_FIELD = opcode("EXPRx1_ASCII_FIELD")
export const UTF8_FIELD = opcode("EXPRx1_UTF8_FIELD")
export const MATH_FIELD = opcode("EXPRx_MATH_FIELD")
export const DS_FIELD = opcode("EXPRx_DS_FIELD")
export const OBJECT_FIELD = opcode("EXPRx_OBJECT_FIELD")
export const NEW = opcode("EXPR1_NEW")
export const BIND = opcode("EXPR2_BIND")
export const STATIC_SPEC_PROTO = opcode("EXPRx_STATIC_SPEC_PROTO")
export const STATIC_SPEC = opcode("EXPRx_STATIC_SPEC")
export const STATIC_BUFFER = opcode("EXPRx_STATIC_BUFFER")
export const BUILTIN_STRING = opcode("EXPRx_STATIC_BUILTIN_STRING")
export const ASCII_STRING = opcode("EXPRx_STATIC_ASCII_STRING")
export const UTF8_STRING = opcode("EXPRx_STATIC_UTF8_STRING")
export const STATIC_FUNCTION = opcode("EXPRx_STATIC_FUNCTION")
export const LITERAL = opcode("EXPRx_LITERAL")
export const LITERAL_F64 = opcode("EXPRx_LITERAL_F64")
export const BUILTIN_OBJECT = opcode("EXPRx_BUILTIN_OBJECT")
export const LOAD_BUFFER = opcode("EXPR3_LOAD_BUFFER")
export const RET_VAL = opcode("EXPR0_RET_VAL")
export const TYPEOF = opcode("EXPR1_TYPEOF")
export const TYPEOF_STR = opcode("EXPR1_TYPEOF_STR")
export const UNDEFINED = opcode("EXPR0_UNDEFINED")
export const NULL = opcode("EXPR0_NULL")
export const IS_UNDEFINED = opcode("EXPR1_IS_UNDEFINED")
export const IS_NULLISH = opcode("EXPR1_IS_NULLISH")
export const INSTANCE_OF = opcode("EXPR2_INSTANCE_OF")
export const TRUE = opcode("EXPR0_TRUE")
export const FALSE = opcode("EXPR0_FALSE")
export const TO_BOOL = opcode("EXPR1_TO_BOOL")
export const NAN = opcode("EXPR0_NAN")
export const INF = opcode("EXPR0_INF")
export const ABS = opcode("EXPR1_ABS")
export const BIT_NOT = opcode("EXPR1_BIT_NOT")
export const IS_NAN = opcode("EXPR1_IS_NAN")
export const NEG = opcode("EXPR1_NEG")
export const UPLUS = opcode("EXPR1_UPLUS")
export const NOT = opcode("EXPR1_NOT")
export const TO_INT = opcode("EXPR1_TO_INT")
export const ADD = opcode("EXPR2_ADD")
export const SUB = opcode("EXPR2_SUB")
export const MUL = opcode("EXPR2_MUL")
export const DIV = opcode("EXPR2_DIV")
export const BIT_AND = opcode("EXPR2_BIT_AND")
export const BIT_OR = opcode("EXPR2_BIT_OR")
export const BIT_XOR = opcode("EXPR2_BIT_XOR")
export const SHIFT_LEFT = opcode("EXPR2_SHIFT_LEFT")
export const SHIFT_RIGHT = opcode("EXPR2_SHIFT_RIGHT")
export const SHIFT_RIGHT_UNSIGNED = opcode("EXPR2_SHIFT_RIGHT_UNSIGNED")
export const EQ = opcode("EXPR2_EQ")
export const NE = opcode("EXPR2_NE")
export const LE = opcode("EXPR2_LE")
export const LT = opcode("EXPR2_LT")
export const APPROX_EQ = opcode("EXPR2_APPROX_EQ")
export const APPROX_NE = opcode("EXPR2_APPROX_NE")

/** Opcodes that have something in common. */
export class OpSet {
    private readonly members = new Uint8Array(0x100)

    constructor(members: Iterable<number>) {
        for (const op of members) this.members[op] = 1
    }

    has(op: number): boolean {
        return this.members[op] === 1
    }
}

/** Opcodes whose flags have something. */
const flagged = (test: (flags: number) => boolean): OpSet =>
    new OpSet(
        [...properties].flatMap((flags, op) =>
            test(flags.charCodeAt(0)) ? [op] : []
        )
    )

/** How many values an instruction takes from the stack. */
export const arity = (op: number): number =>
    properties.charCodeAt(op) & BytecodeFlag.NUM_ARGS_MASK

const WITH_NUMBER = flagged(flags => (flags & BytecodeFlag.TAKES_NUMBER) !== 0)

/** Whether a number follows the opcode: a literal, an index, or the offset of a jump. */
export const takesNumber = (op: number): boolean => WITH_NUMBER.has(op)

const STATEMENTS = flagged(flags => (flags & BytecodeFlag.IS_STMT) !== 0)

export const isStatement = (op: number): boolean => STATEMENTS.has(op)

const FINAL = flagged(
    flags =>
        (flags & BytecodeFlag.IS_STMT) !== 0 &&
        (flags & BytecodeFlag.IS_FINAL_STMT) !== 0
)

/**
 * Whether control never passes from a statement to the one after it. RE_THROW is marked
 * as final but is not: it does nothing with `undefined`.
 */
export const isFinal = (op: number): boolean => FINAL.has(op) && op !== RE_THROW

const JUMPS = new OpSet([JMP, JMP_Z, JMP_RET_VAL_Z, TRY, END_TRY, THROW_JMP])

/** Whether the number is the distance to another statement. */
export const isJump = (op: number): boolean => JUMPS.has(op)

/** A call with its arguments on the stack, not in an array. */
export const isCall = (op: number): boolean => op >= CALL0 && op <= CALL8

/** Opcodes by number, for messages: `jmp_z`, `ascii_field`. */
export const mnemonic: readonly (string | undefined)[] = Array.from(
    { length: BinFmt.DIRECT_CONST_OP },
    (_, op) => /^(?:STMT|EXPR)x?\d*_(\w+)$/.exec(NAMES[op])?.[1].toLowerCase()
)

/** Opcode by what `mnemonic` calls it. */
export const byMnemonic = new Map(
    mnemonic.flatMap((name, op) =>
        name === undefined ? [] : ([[name, op]] as [string, number][])
    )
)

export { BinFmt, FunctionFlag, StrIdx }
