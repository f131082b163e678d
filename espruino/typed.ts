/**
 * Transformations of the sources by their types, before bundling:
 *
 * - A field that no imported feature or option can set has one value, and a line that
 *   no modem can then send never comes: conditions with these are decided (listed in
 *   `espruino/never.ts`), so that terser removes impossible code.
 * - A member of the core whose name users or the language know gets a unique name,
 *   which is shortened later. Types tell `connections` of a modem from `connections` of
 *   its options.
 * - The time, which the core passes from function to function, is in one variable: a
 *   parameter takes a variable in each function, and another in each call.
 * - Numbers, texts and booleans are compared without their types, and comparisons with
 *   0, "" or null become tests of truth: less work for an interpreter.
 * - Booleans of the core are 0 and 1: a field that holds one takes a variable less.
 */
import fs from "node:fs"
import path from "node:path"
import ts from "typescript"
import { COLD, isCold, SUFFIX } from "./cold"
import type { Never } from "./never"
import { apply, type Edit } from "./tree"

const source = path.resolve(import.meta.dirname, "../src")

/** The variable that the time stands in, and what parameters for it are called. */
export const NOW = "$now"
const PARAMETER = "now"

/** What commands begin with. */
const COMMAND = "Command."

/** Classes that only get constants and checked options. */
const CHECKED = "Ring"

/** What checks an option. */
const ROW = "OptionReader.value"

/** Files whose values are passed to users. */
const SHOWN = /[\\/](dialogues[\\/]|certificates\.ts|options\.ts)/

/** Members of the core that users see directly. */
const SEEN = new Set(
    "ModemOptions ModemStatus ConnectionStatus Sleep LongMessage Place StatusReport".split(
        " "
    )
)

let program: ts.Program | undefined

function programOf(): ts.Program {
    if (program === undefined) {
        const folder = path.join(source, "espruino")
        const { options, fileNames } = ts.parseJsonConfigFileContent(
            ts.readConfigFile(path.join(folder, "tsconfig.json"), file =>
                fs.readFileSync(file, "utf8")
            ).config,
            ts.sys,
            folder
        )
        program = ts.createProgram(fileNames, options)
    }
    return program
}

/** The class, interface or enumeration that a member belongs to. */
function ownerOf(node: ts.Declaration): ts.NamedDeclaration | undefined {
    const { parent } = node
    // a parameter that is a property belongs to the class of its constructor
    if (ts.isParameter(node)) return parent.parent as ts.ClassDeclaration
    if (
        ts.isClassDeclaration(parent) ||
        ts.isInterfaceDeclaration(parent) ||
        ts.isEnumDeclaration(parent)
    )
        return parent
    return undefined
}

/** Kind of an operand, if it can be compared without its type. */
function kindOf(checker: ts.TypeChecker, node: ts.Expression): number {
    const type = checker.getTypeAtLocation(node)
    for (const flag of [
        ts.TypeFlags.NumberLike | ts.TypeFlags.EnumLike,
        ts.TypeFlags.StringLike,
        ts.TypeFlags.BooleanLike,
    ]) {
        const parts = type.isUnion() ? type.types : [type]
        if (parts.every(part => (part.flags & flag) !== 0)) return flag
    }
    return 0
}

/** Whether only the truth of a value counts. */
function isCondition(node: ts.Node): boolean {
    const { parent } = node
    if (ts.isIfStatement(parent) || ts.isWhileStatement(parent))
        return parent.expression === node
    if (ts.isConditionalExpression(parent) || ts.isForStatement(parent))
        return parent.condition === node
    if (ts.isPrefixUnaryExpression(parent))
        return parent.operator === ts.SyntaxKind.ExclamationToken
    if (ts.isParenthesizedExpression(parent)) return isCondition(parent)
    return (
        ts.isBinaryExpression(parent) &&
        (parent.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken ||
            parent.operatorToken.kind === ts.SyntaxKind.BarBarToken) &&
        isCondition(parent)
    )
}

/** The number of a member of an enumeration. */
function memberValue(
    checker: ts.TypeChecker,
    node: ts.Expression
): string | number | undefined {
    const declaration = ts.isPropertyAccessExpression(node)
        ? checker.getSymbolAtLocation(node.name)?.valueDeclaration
        : undefined
    return declaration && ts.isEnumMember(declaration)
        ? checker.getConstantValue(declaration)
        : undefined
}

/** Whether a value is falsy if, and only if, it equals the other operand. */
function isNothing(
    checker: ts.TypeChecker,
    side: ts.Expression,
    other: ts.Expression
): boolean {
    const type = checker.getTypeAtLocation(other)
    const parts = type.isUnion() ? type.types : [type]
    const all = (flags: ts.TypeFlags): boolean =>
        parts.every(part => (part.flags & flags) !== 0)
    if (side.kind === ts.SyntaxKind.NullKeyword)
        return all(ts.TypeFlags.Object | ts.TypeFlags.Null)
    if (ts.isStringLiteral(side) && side.text === "")
        return all(ts.TypeFlags.StringLike)
    const constant = ts.isNumericLiteral(side)
        ? +side.text
        : memberValue(checker, side)
    return (
        constant === 0 && all(ts.TypeFlags.NumberLike | ts.TypeFlags.EnumLike)
    )
}

/** Whether nothing happens when it is left out. */
function isIdle(node: ts.Expression): boolean {
    return (
        ts.isIdentifier(node) ||
        ts.isLiteralExpression(node) ||
        node.kind === ts.SyntaxKind.TrueKeyword ||
        node.kind === ts.SyntaxKind.FalseKeyword ||
        node.kind === ts.SyntaxKind.NullKeyword ||
        node.kind === ts.SyntaxKind.ThisKeyword ||
        (ts.isPropertyAccessExpression(node) && isIdle(node.expression)) ||
        (ts.isArrayLiteralExpression(node) && node.elements.every(isIdle)) ||
        (ts.isPrefixUnaryExpression(node) && isIdle(node.operand)) ||
        (ts.isBinaryExpression(node) &&
            node.operatorToken.kind < ts.SyntaxKind.EqualsToken &&
            isIdle(node.left) &&
            isIdle(node.right))
    )
}

const isCore = (node: ts.Node): boolean =>
    /[\\/]src[\\/]core[\\/]/.test(node.getSourceFile().fileName)
const isOwn = (node: ts.Node): boolean =>
    /[\\/]src[\\/](core|espruino)[\\/]/.test(node.getSourceFile().fileName)

/** `Owner.member`; "" if it has no owner, or is the language's. */
function memberOf(symbol: ts.Symbol | undefined): string {
    const owner = symbol?.declarations && ownerOf(symbol.declarations[0])
    if (!owner?.name || !ts.isIdentifier(owner.name)) return ""
    return `${owner.name.text}.${symbol?.name}`
}

/** Whether a member of a class that users have is not for them. */
const isInternal = (node: ts.Declaration): boolean =>
    (ts.isPropertyDeclaration(node) || ts.isMethodDeclaration(node)) &&
    // what Espruino gives it is declared alone
    (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Ambient) === 0 &&
    ((ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Private) !== 0 ||
        ts.getJSDocTags(node).some(tag => tag.tagName.text === "internal"))

/**
 * The name of a cold member. It is unique among classes, so that its callers are known;
 * but a class shares names with the interface that it implements.
 */
function coldName(symbol: ts.Symbol): string {
    const member = memberOf(symbol)
    const owner = ownerOf((symbol.declarations as ts.Declaration[])[0])
    const bases =
        owner && ts.isClassDeclaration(owner)
            ? (owner.heritageClauses ?? []).flatMap(({ types }) =>
                  types.map(
                      ({ expression }) =>
                          `${expression.getText()}.${symbol.name}`
                  )
              )
            : []
    return (bases.find(isCold) ?? member).replace(".", "_") + SUFFIX
}

/** The name that a member gets here. */
function nameOf(symbol: ts.Symbol, known: ReadonlySet<string>): string {
    const member = memberOf(symbol)
    const declaration = symbol.declarations?.[0]
    if (member === "" || !declaration || !isOwn(declaration)) return symbol.name
    if (isCold(member)) return coldName(symbol)
    const [owner] = member.split(".")
    if (!known.has(symbol.name) || SEEN.has(owner)) return symbol.name
    if (ts.isEnumMember(declaration)) return symbol.name
    if (!isCore(declaration) && !isInternal(declaration)) return symbol.name
    return `${symbol.name}_`
}

/** Groups of names that may be in one object: no two of a group can be the same. */
export interface Kin {
    readonly groups: Iterable<string>[]
    /** … and names that may be missing in an object from which they are read */
    readonly optional: Set<string>
}

/**
 * Groups of member names, by types: of a class or an interface with all that it
 * inherits, of object literals, of values assigned to another type.
 * @param files of the module
 */
export function kinOf(
    files: readonly string[],
    known: ReadonlySet<string>
): Kin {
    const checker = programOf().getTypeChecker()
    const groups: Iterable<string>[] = []
    const optional = new Set<string>()
    const members = (type: ts.Type | undefined): string[] =>
        type === undefined
            ? []
            : (type.isUnion() ? type.types : [type]).flatMap(part =>
                  checker.getPropertiesOfType(part).map(symbol => {
                      const name = nameOf(symbol, known)
                      if (symbol.flags & ts.SymbolFlags.Optional)
                          optional.add(name)
                      return name
                  })
              )
    const look = (node: ts.Node): void => {
        if (
            ts.isClassLike(node) ||
            ts.isInterfaceDeclaration(node) ||
            ts.isTypeLiteralNode(node) ||
            ts.isUnionTypeNode(node)
        ) {
            const names = members(checker.getTypeAtLocation(node))
            if (ts.isClassLike(node) || ts.isInterfaceDeclaration(node))
                for (const clause of node.heritageClauses ?? [])
                    for (const base of clause.types)
                        names.push(...members(checker.getTypeAtLocation(base)))
            groups.push(new Set(names))
        } else if (ts.isObjectLiteralExpression(node)) {
            groups.push(
                new Set([
                    ...members(checker.getTypeAtLocation(node)),
                    ...members(checker.getContextualType(node)),
                ])
            )
        } else if (ts.isAsExpression(node)) {
            let from = node.expression
            while (ts.isAsExpression(from)) from = from.expression
            groups.push(
                new Set([
                    ...members(checker.getTypeAtLocation(from)),
                    ...members(checker.getTypeAtLocation(node)),
                ])
            )
        }
        ts.forEachChild(node, look)
    }
    for (const file of files) {
        const sourceFile = programOf().getSourceFile(file)
        if (sourceFile !== undefined) look(sourceFile)
    }
    return { groups, optional }
}

/** A transformed source, and its names. */
export interface Typed {
    readonly text: string
    /** names that were made */
    readonly names: Set<string>
    /** rules of `never.ts` that applied; those of tables begin with `row` */
    readonly hits: Set<string>
}

/**
 * @param file path of a source of `src/core` or `src/espruino`
 * @param never impossible states and events
 * @param known names that users and the language know
 */
export function typed(file: string, never: Never, known: Set<string>): Typed {
    const sourceFile = programOf().getSourceFile(file)
    const names = new Set<string>()
    if (sourceFile === undefined)
        return { text: fs.readFileSync(file, "utf8"), names, hits: new Set() }
    const checker = programOf().getTypeChecker()
    const edits: Edit[] = []
    const hits = new Set<string>()

    const valueOf = (name: string): string | undefined => {
        if (name in never.values) hits.add(name)
        return never.values[name]
    }
    const isIn = (list: ReadonlySet<string>, name: string): boolean => {
        const is = list.has(name)
        if (is) hits.add(list === never.rows ? `row ${name}` : name)
        return is
    }

    const replace = (node: ts.Node, text: string): void => {
        edits.push({ from: node.getStart(sourceFile), to: node.getEnd(), text })
    }

    const symbolOf = (node: ts.Node): ts.Symbol | undefined => {
        let symbol = checker.getSymbolAtLocation(node)
        const { parent } = node
        // for an object literal, its contextual type
        if (
            (ts.isPropertyAssignment(parent) ||
                ts.isShorthandPropertyAssignment(parent)) &&
            parent.name === node
        ) {
            const type = checker.getContextualType(parent.parent)
            symbol =
                type &&
                checker
                    .getNonNullableType(type)
                    .getProperty(parent.name.getText(sourceFile))
        }
        return symbol
    }
    const isTarget = (node: ts.Node): boolean => {
        const { parent } = node
        if (ts.isBinaryExpression(parent) && parent.left === node) {
            const kind = parent.operatorToken.kind
            return (
                kind >= ts.SyntaxKind.FirstAssignment &&
                kind <= ts.SyntaxKind.LastAssignment
            )
        }
        return (
            ts.isPostfixUnaryExpression(parent) ||
            (ts.isPrefixUnaryExpression(parent) &&
                (parent.operator === ts.SyntaxKind.PlusPlusToken ||
                    parent.operator === ts.SyntaxKind.MinusMinusToken))
        )
    }

    /** Whether nothing ever is in a list. */
    const isEmpty = (node: ts.Node): boolean =>
        ts.isPropertyAccessExpression(node) &&
        valueOf(memberOf(symbolOf(node.name))) === "[]"
    const isEmptyLength = (node: ts.Node): boolean =>
        ts.isPropertyAccessExpression(node) &&
        node.name.text === "length" &&
        isEmpty(node.expression)

    /** Whether a boolean belongs to a field that users do not see. */
    const isKept = ({ parent }: ts.Node): boolean => {
        const field =
            ts.isPropertyDeclaration(parent) ||
            (ts.isBinaryExpression(parent) &&
                parent.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
                ts.isPropertyAccessExpression(parent.left))
                ? symbolOf(
                      ts.isPropertyDeclaration(parent)
                          ? parent.name
                          : (parent.left as ts.PropertyAccessExpression).name
                  )
                : undefined
        const declaration = field?.declarations?.[0]
        return (
            declaration !== undefined &&
            isOwn(declaration) &&
            (isCore(declaration)
                ? !SHOWN.test(declaration.getSourceFile().fileName)
                : isInternal(declaration))
        )
    }

    /** @returns whether all has been said of the node */
    const decide = (node: ts.Node): boolean => {
        // assignments to a field that is never read
        if (
            ts.isExpressionStatement(node) &&
            ts.isBinaryExpression(node.expression) &&
            isTarget(node.expression.left) &&
            ts.isPropertyAccessExpression(node.expression.left)
        ) {
            const { left, right } = node.expression
            const field = memberOf(symbolOf(left.name))
            if (field in never.values && isIdle(right) && isIdle(left)) {
                hits.add(field)
                replace(node, ";")
                return true
            }
        }
        if (
            ts.isIfStatement(node) &&
            ts.isThrowStatement(node.thenStatement) &&
            ts.isConstructorDeclaration(node.parent.parent) &&
            node.parent.parent.parent.name?.text === CHECKED
        ) {
            replace(node, ";")
            return true
        }
        // reads of a buffer of zeros, and writes of zeros to it
        if (
            ts.isCallExpression(node) &&
            ts.isPropertyAccessExpression(node.expression) &&
            /^(get|fill)At$/.test(node.expression.name.text) &&
            isEmpty(node.expression.expression)
        ) {
            replace(node, "0")
            return true
        }
        if (ts.isCallExpression(node) && node.arguments.every(isIdle)) {
            const callee = node.expression
            let name = ""
            if (ts.isPropertyAccessExpression(callee))
                name = memberOf(symbolOf(callee.name))
            else if (ts.isIdentifier(callee)) name = callee.text
            const value = valueOf(`${name}()`)
            if (value !== undefined) {
                replace(node, value)
                return true
            }
        }
        // loops over a list that is always empty
        if (
            ts.isForStatement(node) &&
            node.condition !== undefined &&
            ts.isBinaryExpression(node.condition) &&
            node.condition.operatorToken.kind === ts.SyntaxKind.LessThanToken &&
            isEmptyLength(node.condition.right)
        ) {
            replace(node, ";")
            return true
        }
        // the row of an option that is never given, and does not have to be
        if (
            ts.isExpressionStatement(node) &&
            ts.isCallExpression(node.expression) &&
            ts.isPropertyAccessExpression(node.expression.expression) &&
            memberOf(symbolOf(node.expression.expression.name)) === ROW
        ) {
            const [, given, , , otherwise] = node.expression.arguments
            const option = ts.isPropertyAccessExpression(given)
                ? valueOf(memberOf(symbolOf(given.name)))
                : ""
            if (
                option === "undefined" &&
                otherwise.kind !== ts.SyntaxKind.NullKeyword
            ) {
                replace(node, ";")
                return true
            }
        }
        if (ts.isPropertyAccessExpression(node) && !isTarget(node)) {
            if (isEmptyLength(node)) {
                replace(node, "0")
                return true
            }
            const value = valueOf(memberOf(symbolOf(node.name)))
            if (value !== undefined && value !== "[]") {
                replace(node, value)
                return true
            }
        }
        if (ts.isBinaryExpression(node)) {
            const kind = node.operatorToken.kind
            const equal = kind === ts.SyntaxKind.EqualsEqualsEqualsToken
            const other = kind === ts.SyntaxKind.ExclamationEqualsEqualsToken
            if (equal || other) {
                const isNever = (side: ts.Expression): boolean =>
                    ts.isPropertyAccessExpression(side) &&
                    isIn(never.members, memberOf(symbolOf(side.name)))
                if (
                    (isNever(node.left) && isIdle(node.right)) ||
                    (isNever(node.right) && isIdle(node.left))
                ) {
                    replace(node, `${other}`)
                    return true
                }
                for (const [side, what] of [
                    [node.left, node.right],
                    [node.right, node.left],
                ]) {
                    if (!isNothing(checker, side, what)) continue
                    // one side and the operator are removed, the other side is tested
                    const no = equal ? "!" : isCondition(node) ? "" : "!!"
                    const first = what === node.left
                    const at = node.getStart(sourceFile)
                    edits.push({ from: at, to: at, text: `${no}(` })
                    edits.push({
                        from: first ? what.getEnd() : at,
                        to: first ? node.getEnd() : what.getStart(sourceFile),
                        text: first ? ")" : "",
                    })
                    if (!first)
                        edits.push({
                            from: node.getEnd(),
                            to: node.getEnd(),
                            text: ")",
                        })
                    look(what)
                    return true
                }
                if (
                    node.right.kind === ts.SyntaxKind.Identifier &&
                    (node.right as ts.Identifier).text === "undefined"
                ) {
                    replace(node.operatorToken, equal ? "==" : "!=")
                    replace(node.right, "null")
                }
                const left = kindOf(checker, node.left)
                if (left !== 0 && left === kindOf(checker, node.right))
                    replace(node.operatorToken, equal ? "==" : "!=")
            }
        }
        if (
            (node.kind === ts.SyntaxKind.TrueKeyword ||
                node.kind === ts.SyntaxKind.FalseKeyword) &&
            (isCore(node)
                ? !SHOWN.test(node.getSourceFile().fileName)
                : isKept(node))
        ) {
            replace(node, node.kind === ts.SyntaxKind.TrueKeyword ? "1" : "0")
            return true
        }
        if (ts.isCaseBlock(node)) {
            const left = node.clauses.filter(clause => {
                const is =
                    ts.isCaseClause(clause) &&
                    ts.isPropertyAccessExpression(clause.expression) &&
                    isIn(
                        never.members,
                        memberOf(symbolOf(clause.expression.name))
                    )
                if (is && clause.statements.length === 0) replace(clause, "")
                return !is || clause.statements.length === 0
            })
            for (const clause of node.clauses) {
                if (left.includes(clause)) continue
                // another one may come to the same statements
                const i = node.clauses.indexOf(clause)
                const above = node.clauses[i - 1]
                const shared =
                    above !== undefined &&
                    above.statements.length === 0 &&
                    ts.isCaseClause(above) &&
                    !(
                        ts.isPropertyAccessExpression(above.expression) &&
                        isIn(
                            never.members,
                            memberOf(symbolOf(above.expression.name))
                        )
                    )
                if (!shared) replace(clause, "")
                else if (ts.isCaseClause(clause)) {
                    // its label alone
                    edits.push({
                        from: clause.getStart(sourceFile),
                        to: clause.statements[0].getStart(sourceFile),
                        text: "",
                    })
                    for (const statement of clause.statements) look(statement)
                }
            }
            for (const clause of left) ts.forEachChild(clause, look)
            return true
        }
        // rows of a table
        if (
            ts.isCallExpression(node) &&
            node.expression.getText(sourceFile) === "table" &&
            ts.isArrayLiteralExpression(node.arguments[0])
        ) {
            const cells = node.arguments[0].elements
            const columns = +node.arguments[1].getText(sourceFile)
            const nameAt = (i: number): string => {
                const cell = cells[i]
                return ts.isPropertyAccessExpression(cell)
                    ? memberOf(symbolOf(cell.name))
                    : ""
            }
            for (let i = 0; i < cells.length; i += columns) {
                const what = nameAt(i + 1)
                // a command that is never given
                const unused =
                    what.startsWith(COMMAND) && isIn(never.members, what)
                if (!isIn(never.rows, what)) {
                    const depends = nameAt(i + columns - 1)
                    const passed = never.settings.includes(depends)
                    if (passed) {
                        hits.add(depends)
                        replace(cells[i + columns - 1], never.settings[0])
                    }
                    if (passed || unused) replace(cells[i], '""')
                    continue
                }
                const next = cells[i + columns]
                edits.push({
                    from: cells[i].getStart(sourceFile),
                    to: next ? next.getStart(sourceFile) : cells.end,
                    text: "",
                })
            }
        }
        return false
    }

    const isNow = (node: ts.Node | undefined): boolean =>
        node !== undefined &&
        ts.isParameter(node) &&
        isCore(node) &&
        node.name.getText() === PARAMETER
    /** Leaves one of a list out, with its comma. */
    const without = (list: ts.NodeArray<ts.Node>, i: number): void => {
        const last = i === list.length - 1
        let from = list[i].getStart(sourceFile)
        if (last && i > 0) from = list[i - 1].getEnd()
        edits.push({
            from,
            // a comma at the end as well
            to: last ? list.end : list[i + 1].getStart(sourceFile),
            text: "",
        })
    }
    /** @returns whether all has been said of the node */
    const timed = (node: ts.Node): boolean => {
        if (ts.isIdentifier(node) && node.text === PARAMETER) {
            const declaration =
                checker.getSymbolAtLocation(node)?.valueDeclaration
            if (node.parent !== declaration && isNow(declaration)) {
                replace(node, NOW)
                return true
            }
        }
        if (ts.isFunctionLike(node) && "parameters" in node) {
            const i = node.parameters.findIndex(isNow)
            if (i >= 0) without(node.parameters, i)
        }
        if (ts.isCallExpression(node)) {
            const declaration = checker.getResolvedSignature(node)?.declaration
            const parameters = declaration?.parameters ?? []
            const i = parameters.findIndex((parameter: ts.Node) =>
                isNow(parameter)
            )
            const given = node.arguments[i]
            if (i < 0 || given === undefined) return false
            without(node.arguments, i)
            const handed =
                ts.isIdentifier(given) &&
                isNow(checker.getSymbolAtLocation(given)?.valueDeclaration)
            if (!handed) {
                const from = node.getStart(sourceFile)
                const set = `${NOW} = ${given.getText(sourceFile)}, `
                // a statement must not begin with a bracket: a line may stand above it
                const alone = ts.isExpressionStatement(node.parent)
                edits.push({ from, to: from, text: alone ? set : `(${set}` })
                if (!alone)
                    edits.push({ from: node.end, to: node.end, text: ")" })
            }
        }
        return false
    }

    const rename = (node: ts.Node): void => {
        if (!ts.isIdentifier(node) || !known.has(node.text)) return
        const { parent } = node
        const named =
            (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
            ((ts.isPropertyDeclaration(parent) ||
                ts.isPropertySignature(parent) ||
                ts.isMethodDeclaration(parent) ||
                ts.isMethodSignature(parent) ||
                ts.isPropertyAssignment(parent) ||
                ts.isShorthandPropertyAssignment(parent)) &&
                parent.name === node)
        if (!named) return
        const symbol = symbolOf(node)
        if (symbol === undefined || isCold(memberOf(symbol))) return
        const name = nameOf(symbol, known)
        if (name === node.text) return
        names.add(name)
        replace(
            node,
            ts.isShorthandPropertyAssignment(parent)
                ? `${name}: ${node.text}`
                : name
        )
    }

    /** `file.function` of a function of the core; or "". */
    const functionOf = (node: ts.Node): string => {
        let symbol = checker.getSymbolAtLocation(node)
        if (symbol && symbol.flags & ts.SymbolFlags.Alias)
            symbol = checker.getAliasedSymbol(symbol)
        const declaration = symbol?.declarations?.[0]
        if (!symbol || !declaration || !ts.isFunctionDeclaration(declaration))
            return ""
        if (!isOwn(declaration)) return ""
        const { fileName } = declaration.getSourceFile()
        return `${path.basename(fileName, ".ts")}.${symbol.name}`
    }
    /**
     * Whether a node is in cold code. A closure runs later, when that code may be
     * dropped. Constructors are cold.
     */
    const isAmidCold = (node: ts.Node): boolean => {
        const around = ts.findAncestor(node, ts.isFunctionLike)
        if (around === undefined) return false
        if (ts.isConstructorDeclaration(around)) return true
        if (ts.isMethodDeclaration(around))
            return isCold(memberOf(checker.getSymbolAtLocation(around.name)))
        return (
            ts.isFunctionDeclaration(around) &&
            around.name !== undefined &&
            isCold(functionOf(around.name))
        )
    }
    /** The same of functions. @returns whether it was one */
    const callFunction = (node: ts.Identifier): boolean => {
        if (!isCold(functionOf(node))) return false
        const { parent } = node
        names.add(node.text + SUFFIX)
        replace(node, node.text + SUFFIX)
        if (!ts.isCallExpression(parent) || parent.expression !== node)
            return true
        if (isAmidCold(node)) return true
        const from = node.getStart(sourceFile)
        // a statement must not begin with a bracket: a line may stand above it
        const alone = ts.isExpressionStatement(parent.parent)
        edits.push({
            from,
            to: from,
            text: alone ? `${COLD}(), ` : `(${COLD}(), `,
        })
        if (!alone) edits.push({ from: node.end, to: node.end, text: ")" })
        return true
    }
    /** Calls of methods that may not be there see to it that they are. */
    const call = (node: ts.Node): void => {
        if (!ts.isIdentifier(node) || callFunction(node)) return
        const { parent } = node
        const called =
            ts.isPropertyAccessExpression(parent) && parent.name === node
        if (
            !called &&
            !(ts.isMethodDeclaration(parent) && parent.name === node)
        )
            return
        const symbol = symbolOf(node)
        const declaration = symbol?.declarations?.[0]
        if (!symbol || !declaration || !isOwn(declaration)) return
        if (!isCold(memberOf(symbol))) return
        const name = coldName(symbol)
        names.add(name)
        replace(node, name)
        if (!called || isAmidCold(node)) return
        const { expression } = parent
        const from = expression.getStart(sourceFile)
        edits.push({ from, to: from, text: `${COLD}(` })
        const to = expression.getEnd()
        edits.push({ from: to, to, text: ")" })
    }

    const look = (node: ts.Node): void => {
        if (ts.isTypeNode(node) && !ts.isTypeLiteralNode(node)) return
        if (decide(node) || timed(node)) return
        call(node)
        rename(node)
        ts.forEachChild(node, look)
    }
    look(sourceFile)
    return { text: apply(sourceFile.text, edits), names, hits }
}
