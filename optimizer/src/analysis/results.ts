/** Whose result RET_VAL gives: of the last call, allocation, or other statement that sets it. */
import { someIn, type Expr, type Stmt } from "../ir.ts"
import * as op from "../ops.ts"
import { changesRet } from "./effects.ts"
import { flowOf, NONE, united, Worklist, type Indices } from "./flow.ts"

export interface Results {
    /** by index of statement: which statements' results it may read; -1: from outside */
    of(i: number): ReadonlySet<number>
    /** statements that read the result of one */
    readers(i: number): number[]
}

const isResult = (e: Expr): boolean => e.op === op.RET_VAL

/** @returns undefined if the flow of the function is not understood */
export function resultsOf(body: readonly Stmt[]): Results | undefined {
    const flow = flowOf(body)
    if (!flow) return undefined
    const reaching = body.map(() => NONE)
    const work = new Worklist(body.length)
    const merge = (k: number, from: Indices): void => {
        const all = united(reaching[k], from)
        if (all === reaching[k]) return
        reaching[k] = all
        work.add(k)
    }
    merge(0, new Set([-1]))
    for (let i = work.next(); i !== undefined; i = work.next()) {
        const after = changesRet(body[i]) ? new Set([i]) : reaching[i]
        for (const k of flow.next[i]) merge(k, after)
        for (const k of flow.thrown[i]) merge(k, after)
    }
    const readers: number[] = []
    body.forEach((s, k) => {
        if (s.op === op.JMP_RET_VAL_Z || someIn(s, isResult)) readers.push(k)
    })
    return {
        of: i => reaching[i],
        readers: i => readers.filter(k => reaching[k].has(i)),
    }
}
