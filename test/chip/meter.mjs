/**
 * What DeviceScript's VM takes for the code that it runs, on an RP2040 at
 * 125 MHz: puts a call of `vmCycles(n, name)` in front of each straight piece of code,
 * with the cycles of its opcodes and the name of its function. Works on the JavaScript that esbuild makes,
 * statement by statement, so that a branch that is not taken costs nothing.
 *
 * The cycles are those that were measured in the real firmware, instruction by
 * instruction, for pieces of code as small as these. A function that the optimiser has
 * put into those that call it costs no call; what else it gains is not counted.
 */
import ts from "typescript"

/**
 * Those were programs that the flash cache holds. Of a driver with everything,
 * and of the VM that runs it, it does not: measured from where a fiber is resumed
 * to its first transaction, and from the last byte of one to the fiber's `await`.
 */
const CACHE_MISSES = 1.15

/** cycles of an RP2040 */
export const CYCLES = {
    /** any opcode that is not below: literals, locals, arithmetic, jumps */
    opcode: 200,
    /** a field of an object, read or written: looked up by its name */
    field: 450,
    /** a byte of a buffer, an element of an array */
    element: 200,
    /** beside its opcodes: the way back to the head of a loop */
    loop: 1_800,
    /** a function, and its frame on the heap */
    function: 27_000,
    method: 22_000,
    /** anything that is made on the heap */
    allocation: 36_000,
    template: 42_000,
    /** natives of a buffer, each with some bytes */
    blitAt: 7_300,
    indexOf: 8_400,
    fillAt: 7_300,
    native: 2_500,
}

/** What the firmware does in C; what they cost beside the call is said where they are modelled. */
const NATIVES = new Set([
    "blitAt",
    "indexOf",
    "getAt",
    "setAt",
    "toString",
    "print",
    "fillAt",
    "alloc",
    "millis",
    "sleep",
    "suspend",
    "resume",
    "self",
    "_i2cTransaction",
    "spiXfer",
    "transfer",
    "setMode",
    "floor",
    "round",
    "max",
    "min",
    "abs",
    "ceil",
    "charCodeAt",
    "push",
    "isNaN",
    "parseInt",
])

/** `toString` is no key of the table, though each object has one. */
const native = name =>
    Object.hasOwn(CYCLES, name) ? CYCLES[name] : CYCLES.native

/** An enum or a constant of one: a number when it is compiled. */
function isEnum(node) {
    return ts.isIdentifier(node) && /^[A-Z]/.test(node.text)
}

/**
 * @param {string} code JavaScript
 * @param {(name: string) => boolean} isInlined whether a function of this code is part of
 * those that call it
 * @returns {string} the same with its cycles counted
 */
export function metered(code, isInlined = () => false) {
    const source = ts.createSourceFile(
        "metered.js",
        code,
        ts.ScriptTarget.ESNext,
        true,
        ts.ScriptKind.JS
    )
    /** @type {[number, string][]} */
    const edits = []
    const insert = (at, text) => edits.push([at, text])

    let inFunction = ""
    const pays = cycles =>
        `vmCycles(${Math.round(cycles * CACHE_MISSES)},"${inFunction}")`

    /** A branch that may not be taken pays for itself. */
    const branch = expression => {
        const cycles = cost(expression)
        insert(expression.getStart(source), `(${pays(cycles)},`)
        insert(expression.end, ")")
    }

    const list = nodes => nodes.reduce((sum, node) => sum + cost(node), 0)

    /** @returns the cycles of writing to it, without the value */
    const target = node => {
        if (ts.isPropertyAccessExpression(node))
            return cost(node.expression) + CYCLES.field
        if (ts.isElementAccessExpression(node))
            return (
                cost(node.expression) +
                cost(node.argumentExpression) +
                CYCLES.element
            )
        return CYCLES.opcode
    }

    const call = node => {
        const callee = node.expression
        const args = list(node.arguments ?? [])
        if (ts.isPropertyAccessExpression(callee)) {
            const name = callee.name.text
            const receiver = cost(callee.expression) + CYCLES.field
            if (name === "alloc" || name === "push")
                return args + receiver + CYCLES.allocation
            if (NATIVES.has(name)) return args + receiver + native(name)
            return args + receiver + CYCLES.method
        }
        // of naps.ts: natives under another name
        if (ts.isIdentifier(callee) && /^(turn|park)$/.test(callee.text))
            return args + cost(callee) + CYCLES.native
        if (callee.kind === ts.SyntaxKind.SuperKeyword)
            return args + CYCLES.function
        return args + cost(callee) + CYCLES.function
    }

    /** Functions have bodies of their own. */
    const body = node => {
        if (node.body === undefined) return
        const before = inFunction
        inFunction = node.name?.text ?? (before || "constructor")
        // who calls it has paid for the call
        const call =
            node.name !== undefined && isInlined(inFunction)
                ? -(ts.isFunctionDeclaration(node)
                      ? CYCLES.function
                      : CYCLES.method)
                : 0
        if (ts.isBlock(node.body)) statements(node.body, call)
        else branch(node.body)
        inFunction = before
    }

    /** @returns the cycles of an expression, but for its branches */
    function cost(node) {
        if (node === undefined) return 0
        if (ts.isParenthesizedExpression(node)) return cost(node.expression)
        if (ts.isPropertyAccessExpression(node)) {
            if (isEnum(node.expression)) return CYCLES.opcode
            return cost(node.expression) + CYCLES.field
        }
        if (ts.isElementAccessExpression(node))
            return (
                cost(node.expression) +
                cost(node.argumentExpression) +
                CYCLES.element
            )
        if (ts.isCallExpression(node)) return call(node)
        if (ts.isNewExpression(node))
            return list(node.arguments ?? []) + CYCLES.allocation
        if (ts.isBinaryExpression(node)) {
            const operator = node.operatorToken.kind
            if (
                operator === ts.SyntaxKind.AmpersandAmpersandToken ||
                operator === ts.SyntaxKind.BarBarToken ||
                operator === ts.SyntaxKind.QuestionQuestionToken
            ) {
                branch(node.right)
                return cost(node.left) + 2 * CYCLES.opcode
            }
            if (
                operator >= ts.SyntaxKind.FirstAssignment &&
                operator <= ts.SyntaxKind.LastAssignment
            ) {
                const value = cost(node.right)
                if (operator === ts.SyntaxKind.EqualsToken)
                    return value + target(node.left)
                return (
                    value + cost(node.left) + CYCLES.opcode + target(node.left)
                )
            }
            return cost(node.left) + cost(node.right) + CYCLES.opcode
        }
        if (
            ts.isPrefixUnaryExpression(node) ||
            ts.isPostfixUnaryExpression(node)
        ) {
            const step =
                node.operator === ts.SyntaxKind.PlusPlusToken ||
                node.operator === ts.SyntaxKind.MinusMinusToken
            const value = cost(node.operand) + CYCLES.opcode
            return step ? value + CYCLES.opcode + target(node.operand) : value
        }
        if (ts.isConditionalExpression(node)) {
            branch(node.whenTrue)
            branch(node.whenFalse)
            return cost(node.condition) + 2 * CYCLES.opcode
        }
        if (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) {
            body(node)
            return CYCLES.allocation
        }
        if (ts.isTemplateExpression(node)) {
            return (
                CYCLES.template +
                node.templateSpans.reduce(
                    (sum, span) => sum + cost(span.expression),
                    0
                )
            )
        }
        if (ts.isObjectLiteralExpression(node))
            return (
                CYCLES.allocation +
                node.properties.reduce(
                    (sum, property) =>
                        sum + cost(property.initializer) + CYCLES.field,
                    0
                )
            )
        if (ts.isArrayLiteralExpression(node))
            return CYCLES.allocation + list(node.elements)
        if (ts.isAwaitExpression(node)) return cost(node.expression)
        if (ts.isSpreadElement(node)) return cost(node.expression)
        if (ts.isClassExpression(node)) {
            members(node)
            return 0
        }
        return CYCLES.opcode
    }

    function members(node) {
        for (const member of node.members) {
            if (ts.isPropertyDeclaration(member)) cost(member.initializer)
            else body(member)
        }
    }

    /** @returns the cycles of a statement before its branches */
    function head(node) {
        if (ts.isExpressionStatement(node)) return cost(node.expression)
        if (ts.isVariableStatement(node)) return declared(node.declarationList)
        if (ts.isReturnStatement(node) || ts.isThrowStatement(node))
            return cost(node.expression) + 2 * CYCLES.opcode
        if (ts.isIfStatement(node)) {
            block(node.thenStatement)
            if (node.elseStatement) block(node.elseStatement)
            return cost(node.expression) + 2 * CYCLES.opcode
        }
        if (ts.isWhileStatement(node)) {
            const turn = cost(node.expression) + CYCLES.opcode
            block(node.statement, turn + CYCLES.loop)
            return turn
        }
        if (ts.isForStatement(node)) {
            const first =
                node.initializer === undefined
                    ? 0
                    : ts.isVariableDeclarationList(node.initializer)
                      ? declared(node.initializer)
                      : cost(node.initializer)
            const turn = cost(node.condition) + 2 * CYCLES.opcode
            block(node.statement, turn + cost(node.incrementor) + CYCLES.loop)
            return first + turn
        }
        if (ts.isForOfStatement(node) || ts.isForInStatement(node)) {
            block(node.statement, 6 * CYCLES.opcode + CYCLES.loop)
            return cost(node.expression) + 6 * CYCLES.opcode
        }
        if (ts.isSwitchStatement(node)) {
            // compared one by one, half of them on average
            for (const clause of node.caseBlock.clauses) statements(clause)
            return (
                cost(node.expression) +
                node.caseBlock.clauses.length * 2 * CYCLES.opcode
            )
        }
        if (ts.isTryStatement(node)) {
            statements(node.tryBlock)
            if (node.catchClause) statements(node.catchClause.block)
            if (node.finallyBlock) statements(node.finallyBlock)
            return 2 * CYCLES.opcode
        }
        if (ts.isBlock(node)) {
            statements(node)
            return 0
        }
        if (ts.isFunctionDeclaration(node)) {
            body(node)
            return 0
        }
        if (ts.isClassDeclaration(node)) {
            members(node)
            return 0
        }
        if (ts.isExportAssignment(node)) return cost(node.expression)
        return CYCLES.opcode
    }

    function declared(list) {
        return list.declarations.reduce(
            (sum, { initializer, name }) =>
                sum +
                (initializer === undefined
                    ? 0
                    : cost(initializer) +
                      CYCLES.opcode *
                          (ts.isIdentifier(name)
                              ? 1
                              : name.elements.length * 3)),
            0
        )
    }

    /** A branch: what it costs is paid when it is taken. */
    function block(node, extra = 0) {
        if (ts.isBlock(node)) {
            statements(node, extra)
            return
        }
        const cycles = head(node) + extra
        insert(node.getStart(source), `{${pays(cycles)};`)
        insert(node.end, "}")
    }

    const compound = node =>
        ts.isIfStatement(node) ||
        ts.isIterationStatement(node, false) ||
        ts.isSwitchStatement(node) ||
        ts.isTryStatement(node) ||
        ts.isBlock(node)

    /** Statements one after the other: paid for up to the next branch. */
    function statements(node, extra = 0) {
        let cycles = extra
        let at = -1
        const pay = () => {
            if (cycles !== 0 && at >= 0) insert(at, `${pays(cycles)};`)
            cycles = 0
            at = -1
        }
        for (const statement of node.statements) {
            if (at < 0) at = statement.getStart(source)
            cycles += head(statement)
            if (compound(statement)) pay()
        }
        // a loop without a body
        if (node.statements.length === 0 && ts.isBlock(node))
            at = node.getStart(source) + 1
        pay()
    }

    for (const statement of source.statements) head(statement)
    edits.sort((a, b) => a[0] - b[0])
    let text = ""
    let from = 0
    for (const [at, piece] of edits) {
        text += code.slice(from, at) + piece
        from = at
    }
    return text + code.slice(from)
}
