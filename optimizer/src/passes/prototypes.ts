/**
 * Registers the methods of a class by the last result, `ret.run = &run`, instead of
 * naming its prototype for each. Within consecutive registrations, those for one
 * prototype are grouped, in their order: they are not observable before all are done.
 * Only where the last result is not used, and once, at the very end: the name of the
 * class tells the other passes more.
 */
import { exprSize } from "../image.ts"
import {
    equal,
    expr,
    FIELD,
    references,
    someIn,
    stmt,
    STRING,
    type Expr,
    type Program,
    type Stmt,
} from "../ir.ts"
import * as op from "../ops.ts"
import type { Pass } from "./pass.ts"

const isClass = ({ op: o }: Expr): boolean =>
    o === op.STATIC_FUNCTION || o === op.BUILTIN_OBJECT

/** `&Class.prototype.name = &method`, or of a built-in class: it throws nothing. */
function isMethod({ op: o, args: [of, key, value] }: Stmt): boolean {
    return (
        o === op.INDEX_SET &&
        (of.op === FIELD
            ? of.text === "prototype" && isClass(of.args[0])
            : of.op === op.BUILTIN_OBJECT) &&
        key.op === STRING &&
        value.op === op.STATIC_FUNCTION
    )
}

/** The same statements, by prototype. */
function together(run: readonly Stmt[]): Stmt[] {
    const groups: Stmt[][] = []
    for (const s of run) {
        const group = groups.find(([first]) => equal(first.args[0], s.args[0]))
        if (group) group.push(s)
        else groups.push([s])
    }
    return groups.flatMap(group => {
        const [of] = group[0].args
        const size = exprSize(of)
        if (group.length * (size - 1) <= size + 1) return group
        return [
            stmt(op.STORE_RET_VAL, of).with({ place: group[0].place }),
            ...group.map(s =>
                s.with({ args: [expr(op.RET_VAL), ...s.args.slice(1)] })
            ),
        ]
    })
}

export const prototypes: Pass = {
    name: "prototypes",
    run(program: Program): void {
        for (const { body } of program.fns) {
            if (!body.some(isMethod)) continue
            if (body.some(s => someIn(s, e => e.op === op.RET_VAL))) continue
            const entered = references(body)
            for (let i = 0; i < body.length; i++) {
                let end = i
                while (isMethod(body[end]) && !entered.has(body[end])) end++
                if (end === i) continue
                const next = together(body.slice(i, end))
                body.splice(i, end - i, ...next)
                i += next.length
            }
        }
    },
}
