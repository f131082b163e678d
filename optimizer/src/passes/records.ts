/**
 * A class without methods, whose objects' type is never tested, is only its
 * constructor: objects without a prototype replace its objects, which saves the
 * prototype, and the constructor becomes an ordinary function, which can be inlined.
 */
import { classesOf, mayHaveClasses, type Site } from "../analysis/classes.ts"
import { resultsOf } from "../analysis/results.ts"
import { valuesOf } from "../analysis/values.ts"
import {
    expr,
    local,
    rewriteStmt,
    someIn,
    stmt,
    type Expr,
    type Program,
    type Stmt,
} from "../ir.ts"
import * as op from "../ops.ts"
import type { Pass } from "./pass.ts"

const { MAX_ARGS_SHORT_CALL } = op.BinFmt
/** Most slots of a frame: a number above 247 takes more than a byte. */
const SLOTS = 200

const isRet = (e: Expr): boolean => e.op === op.RET_VAL

/** Makes an object without a class, and calls what fills it. */
function replace({ fn, stmt: call }: Site): void {
    const { body } = fn
    const at = body.indexOf(call)
    const results = resultsOf(body)
    const readers = results?.readers(at) ?? []
    const alone =
        results !== undefined &&
        readers.every(
            k => body[k].op !== op.JMP_RET_VAL_Z && results.of(k).size === 1
        )
    const slot = (): number => {
        fn.debug?.slots.push({ name: `_tmp${fn.slots}`, type: "tmp" })
        return fn.slots++
    }
    const store = (n: number, value: Expr): Stmt =>
        stmt(op.STORE_LOCAL, value).with({ n, place: call.place })
    const made: Stmt[] = []
    // the result that arguments ask for is gone once the object is made
    if (someIn(call, isRet)) {
        const before = slot()
        made.push(store(before, expr(op.RET_VAL)))
        rewriteStmt(call, e =>
            isRet(e) ? local(before).with({ place: e.place }) : e
        )
    }
    const object = slot()
    made.push(
        stmt(op.ALLOC_MAP).with({ place: call.place }),
        store(object, expr(op.RET_VAL))
    )
    if (alone)
        for (const k of readers)
            rewriteStmt(body[k], e =>
                isRet(e) ? local(object).with({ place: e.place }) : e
            )
    const [callee, ...rest] = call.args
    call.args = [callee.args[0], local(object), ...rest]
    call.op++
    for (const s of body) if (s.to === call) s.to = made[0]
    const after = alone
        ? []
        : [stmt(op.STORE_RET_VAL, local(object)).with({ place: call.place })]
    body.splice(at, 1, ...made, call, ...after)
}

export const records: Pass = {
    name: "records",
    run(program: Program): boolean | void {
        // to know all values takes long
        if (!mayHaveClasses(program)) return false
        const values = valuesOf(program)
        if (values.confused) return false
        const classes = classesOf(program, values)
        if (classes.size === 0) return false
        for (const [fn, sites] of classes) {
            const fits = sites.every(
                site =>
                    site.stmt.args.length <= MAX_ARGS_SHORT_CALL &&
                    site.fn.slots + 2 * sites.length < SLOTS
            )
            if (!fits) continue
            fn.flags = 0
            for (const site of sites) replace(site)
        }
    },
}
