/**
 * Functions that wait, for Espruino, which has no `async`: TypeScript makes a function
 * with a switch of each, and calls these two. The next step of a function is an array:
 * kind of step, and value.
 */

/** The numbers in TypeScript's code. */
enum Op {
    Next,
    Throw,
    Return,
    Break,
    Yield,
    YieldAll,
    Catch,
    EndFinally,
}

type Step = [Op, unknown?]

interface State {
    label: number
    sent: () => unknown
    /** `try` statements: labels of try, catch, finally and the code after; 0: none */
    trys: number[][]
    ops: Step[]
}

interface Generator {
    go(step: Step): { done: boolean; value: unknown }
}

export function __generator(
    self: unknown,
    body: (this: unknown, state: State) => Step
): Generator {
    let came: Step = [Op.Next]
    const state: State = {
        label: 0,
        sent: () => {
            if (came[0] === Op.Throw) throw came[1]
            return came[1]
        },
        trys: [],
        ops: [],
    }
    function go(first: Step) {
        const tries = state.trys
        let op = first
        while (true) {
            const kind = op[0]
            const now = tries[tries.length - 1]
            if (kind === Op.Yield) {
                state.label++
                return { done: false, value: op[1] }
            }
            if (kind === Op.EndFinally) {
                op = state.ops.pop() as Step
                tries.pop()
                continue
            }
            if (kind === Op.Next || kind === Op.Throw) came = op
            else if (!now && kind === Op.Catch) throw op[1]
            else if (!now && kind === Op.Return)
                return { done: true, value: op[1] }
            else {
                const to = op[1] as number
                if (kind === Op.Break && (!now || (to > now[0] && to < now[3])))
                    state.label = to
                else if (kind === Op.Catch && state.label < now[1]) {
                    state.label = now[1]
                    came = op
                } else if (state.label < now[2]) {
                    state.label = now[2]
                    state.ops.push(op)
                } else {
                    if (now[2] > 0) state.ops.pop()
                    tries.pop()
                    continue
                }
            }
            try {
                op = body.call(self, state)
            } catch (e) {
                op = [Op.Catch, e]
            }
        }
    }
    return { go }
}

export function __awaiter(
    self: unknown,
    _arguments: unknown,
    _promise: unknown,
    make: () => Generator
): Promise<unknown> {
    return new Promise((resolve, reject) => {
        const generator = make.call(self)
        function step(how: Step) {
            let result
            try {
                result = generator.go(how)
            } catch (e) {
                reject(e)
                return
            }
            if (result.done) resolve(result.value)
            else
                Promise.resolve(result.value).then(
                    value => step([Op.Next, value]),
                    e => step([Op.Throw, e])
                )
        }
        step([Op.Next])
    })
}
