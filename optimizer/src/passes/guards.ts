/**
 * `if (!c) { … return }` and the like: a block that ends by itself is moved down, after
 * another statement that does not go on, and is jumped to, so that the condition need
 * not be negated. Only its position changes. Only where that is shorter, jumps
 * included; functions with handlers stay unchanged, since their order matters.
 */
import { numberSize, stmtSize } from "../image.ts"
import type { Stmt } from "../ir.ts"
import * as op from "../ops.ts"
import { eachFunction } from "./pass.ts"

/** Places that are tried for each. */
const PLACES = 3

/** Bytes of a function, if each jump goes straight to its target. */
function sizeOf(body: readonly Stmt[]): number {
    const index = new Map(body.map((s, i) => [s, i]))
    const sizes = body.map(stmtSize)
    const starts: number[] = []
    const targets = body.map(({ to }) => to && index.get(to))
    const args = sizes.map(size => size - 2)
    for (let grown = true; grown;) {
        grown = false
        let at = 0
        sizes.forEach((size, i) => {
            starts[i] = at
            at += size
        })
        targets.forEach((target, i) => {
            if (target === undefined) return
            const distance = starts[target] - starts[i] - args[i]
            const size = args[i] + 1 + numberSize(distance)
            if (size <= sizes[i]) return
            sizes[i] = size
            grown = true
        })
    }
    return sizes.reduce((sum, size) => sum + size, 0)
}

/**
 * Possible positions of a block that ends by itself: after statements that do not go
 * on.
 */
function places(body: readonly Stmt[], from: number): number[] {
    const found: number[] = []
    for (let i = from; i < body.length && found.length < PLACES; i++)
        if (op.isFinal(body[i].op)) found.push(i + 1)
    return found
}

/** The same statements with those of `from` to `end` moved down. */
const moved = (
    body: readonly Stmt[],
    from: number,
    end: number,
    to: number
): Stmt[] => [
    ...body.slice(0, from),
    ...body.slice(end, to),
    ...body.slice(from, end),
    ...body.slice(to),
]

export const guards = eachFunction("guards", ({ body, tries }) => {
    if (tries > 0) return
    let size = sizeOf(body)
    for (let i = 0; i + 1 < body.length; i++) {
        const s = body[i]
        const [e] = s.args
        if (s.op !== op.JMP_Z || e.op !== op.NOT) continue
        const from = i + 1
        const end = body.indexOf(s.to as Stmt)
        if (end <= from || !op.isFinal(body[end - 1].op)) continue
        const { to } = s
        s.args = e.args
        s.to = body[from]
        const best = places(body, end)
            .map(place => moved(body, from, end, place))
            .map(next => ({ next, size: sizeOf(next) }))
            .sort((a, b) => a.size - b.size)
            .at(0)
        if (best && best.size < size) {
            body.splice(0, Infinity, ...best.next)
            size = best.size
        } else {
            s.args = [e]
            s.to = to
        }
    }
})
