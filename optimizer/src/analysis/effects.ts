/** What instructions read, write, and may throw. */
import { walk, type Expr, type Stmt } from "../ir.ts"
import * as op from "../ops.ts"

/** Always give a value, and depend only on their operands. */
const PURE = new op.OpSet([
    op.LITERAL,
    op.LITERAL_F64,
    op.LOAD_LOCAL,
    op.RET_VAL,
    op.UNDEFINED,
    op.NULL,
    op.TRUE,
    op.FALSE,
    op.NAN,
    op.INF,
    op.ASCII_STRING,
    op.STATIC_BUFFER,
    op.STATIC_FUNCTION,
    op.STATIC_SPEC,
    op.STATIC_SPEC_PROTO,
    op.MAKE_CLOSURE,
    op.BUILTIN_OBJECT,
    op.TYPEOF,
    op.TYPEOF_STR,
    op.IS_UNDEFINED,
    op.IS_NULLISH,
    op.IS_NAN,
    op.TO_BOOL,
    op.NOT,
    op.ABS,
    op.BIT_NOT,
    op.NEG,
    op.UPLUS,
    op.TO_INT,
    // a string of more than 57 kB, which throws, does not fit beside its halves
    op.ADD,
    op.SUB,
    op.MUL,
    op.DIV,
    op.BIT_AND,
    op.BIT_OR,
    op.BIT_XOR,
    op.SHIFT_LEFT,
    op.SHIFT_RIGHT,
    op.SHIFT_RIGHT_UNSIGNED,
    op.EQ,
    op.NE,
    op.LE,
    op.LT,
    op.APPROX_EQ,
    op.APPROX_NE,
])

/** Look at variables or fields that a call or a store may change. */
const READS_STATE = new op.OpSet([
    op.LOAD_GLOBAL,
    op.LOAD_CLOSURE,
    op.ASCII_FIELD,
    op.INDEX,
    op.DS_FIELD,
    op.MATH_FIELD,
    op.OBJECT_FIELD,
    op.LOAD_BUFFER,
    op.INSTANCE_OF,
    // of built-in constructors: a field
    op.BIND,
])

/** Read state, and never throw. */
const SAFE_READS = new op.OpSet([
    op.LOAD_GLOBAL,
    op.LOAD_CLOSURE,
    op.DS_FIELD,
    op.MATH_FIELD,
    op.OBJECT_FIELD,
])

export interface Effects {
    /** slots that are read */
    locals: Set<number>
    /** whether variables of others, or fields, are read */
    state: boolean
    /** whether the last call's result is read */
    ret: boolean
    throws: boolean
}

const isConstructor = (e: Expr): boolean =>
    e.op === op.STATIC_FUNCTION &&
    e.fn !== undefined &&
    (e.fn.flags & op.FunctionFlag.IS_CTOR) !== 0

/** Whether an instruction may throw by itself; its operands are asked for themselves. */
export function nodeThrows(e: Expr): boolean {
    if (PURE.has(e.op) || SAFE_READS.has(e.op)) return false
    if (e.op === op.NEW) return !isConstructor(e.args[0])
    if (e.op === op.BIND) return e.args[0].op !== op.STATIC_FUNCTION
    return true
}

export function exprThrows(e: Expr): boolean {
    return nodeThrows(e) || e.args.some(exprThrows)
}

export function effectsOf(...all: Expr[]): Effects {
    const found: Effects = {
        locals: new Set(),
        state: false,
        ret: false,
        throws: false,
    }
    for (const each of all)
        walk(each, e => {
            if (e.op === op.LOAD_LOCAL) found.locals.add(e.n)
            if (e.op === op.RET_VAL) found.ret = true
            if (READS_STATE.has(e.op)) found.state = true
            if (nodeThrows(e)) found.throws = true
        })
    return found
}

/** Affect only the frame, or the flow of control. */
const QUIET = new op.OpSet([
    op.STORE_LOCAL,
    op.JMP,
    op.JMP_Z,
    op.RETURN,
    op.STORE_RET_VAL,
    op.END_TRY,
    op.TRY,
])

/** Whether a statement changes variables of others, or fields. */
export const changesState = (s: Stmt): boolean => !QUIET.has(s.op)

const KEEPS_RET = new op.OpSet([
    op.STORE_LOCAL,
    op.STORE_GLOBAL,
    op.STORE_CLOSURE,
    op.STORE_BUFFER,
    op.INDEX_SET,
    op.JMP,
    op.JMP_Z,
    op.TRY,
    op.END_TRY,
])

/** Whether a statement changes what RET_VAL gives. */
export const changesRet = (s: Stmt): boolean => !KEEPS_RET.has(s.op)

const NEVER_THROW = new op.OpSet([
    op.STORE_LOCAL,
    op.STORE_GLOBAL,
    op.STORE_CLOSURE,
    op.STORE_RET_VAL,
    op.JMP,
    op.JMP_Z,
    op.JMP_RET_VAL_Z,
    op.RETURN,
    op.TRY,
    op.END_TRY,
    op.CATCH,
    op.FINALLY,
    op.ALLOC_MAP,
])

/** Whether a statement may throw, or call what throws. */
export const stmtThrows = (s: Stmt): boolean =>
    !NEVER_THROW.has(s.op) || s.args.some(exprThrows)
