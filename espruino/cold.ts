/**
 * Methods that are seldom needed: for the way up, for opening and closing, for
 * failures. A method takes six variables of Espruino, so these are defined when one of
 * them is called, and dropped two seconds later: their text stays in flash.
 *
 *     connections.lost(failure)       $cold(connections).lost_cold(failure)
 *     lost(links)                     ($cold(), lost_cold)(links)
 *
 * Calls among themselves are plain ones. The build puts the methods into extra classes,
 * which come and go as prototypes of the prototypes of the original classes; functions
 * are methods of one more class: `$cold().lost_cold(links)`, among themselves
 * `$f.lost_cold(links)`.
 */
import type {
    AnyNode,
    Expression,
    MethodDefinition,
    NewExpression,
} from "acorn"
import {
    apply,
    className,
    isFunction,
    isVariable,
    parsed,
    walk,
    type Edit,
} from "./tree"

/** Suffix of the name of such a method. */
export const SUFFIX = "_cold"
/** … of such a function; two of one name get a number. */
const FUNCTION = /_cold\d*$/
/** The function that sees to it that they are there, and the others that it takes. */
export const COLD = "$cold"
const LOAD = "$load"
const LINK = "$link"
const FORGET = "$forget"
const IDLE = "$idle"
/**
 * Field in which Espruino keeps a function's scope. Cold methods are defined in a
 * function, and would see its variables as well as the module's, in a list that takes
 * three more variables for each; they need only the module's. On any other interpreter
 * this has no effect.
 */
const SCOPE = String.raw`"\xFFsco"`
/** object that holds the functions while they are defined */
const FUNCTIONS = "$f"
/** how long they are kept, ms */
const KEPT = 2000

/** Of classes their methods, of files their functions. */
const METHODS: Record<string, string> = {
    Port: "open watch rest close reset pressPowerKey pull flagged",
    Sim800: "open adopt left tries check until look assign reason error",
    Socket: "open use late taken sender lost drop ended fail finish error",
    Network: "add",
    socket: "isLoss",
    network: "codeOf",
    errors: "explain callText refusal errorOf message failed bad check checkObject checkTime checkFlag checkWord checkAddress",
    arguments:
        "shown within isText isNumber isRight wrong wrongWord wrongAddress",
    options: "receptionOf readOptions configure",
    GivenOptions: "refuse value word",
    OptionReader: "value word",
    Said: "reset ask information ready keepAnswer forgetAnswer ipState hasVoice hasGprs isDenied",
    words: "wordsAt",
    Reporter: "changed",
    UartState: "setBaud",
    Encoder: "text quoted fill payload drop",
    Results: "dotted",
    Channel:
        "beginCustom extend hurry refused stray distrust tear expire promised reads orphan persist",
    commands: "commandText isNeedless writeParameters",
    Recovery:
        "start failed unanswered resetDue reset up connectionFailed exhaust forgetFailures losePatience rebuilds connectionMade",
    Search: "begin next wait send answered refused unanswered again otherRate",
    SimPin: "start ask stateLine triesLine missing stateEnded triesEnded enter entered",
    Bearer: "reported go again up fail note noteLoss enter",
    loss: "abort forget begin start stop lost restarted deactivated",
    ladder: "rebuild reset troubled attend",
    find: "resynchronise detour found searching pull searched",
    card: "giveUp follow simEnded pauseForPuk giveUpAgain",
    steps: "setUpEnded unregistered networkEnded hasAddress noAddress contextEnded",
    way: "proceed information ended stepEnded",
    unasked: "beforeNetwork hasNetwork stateLine startLine",
    IpMachine: "enter",
    Told: "reset",
    Features: "claim give down",
    Preparation: "selectFirst select next retarget begin ended obeyed",
    Connections:
        "make take start reset renew hasMoved holdBack halt enter accepted serve vacant freeing connecting anyConnected recheck close refuse end free failSend sendEnded lost lostContext shut stop connected recount singleAudited",
    Digest: "reset skipLine skipBroken isAddress skip discard leave keepLinesIn markLine",
    ForeignText:
        "begin ended leave reset expire pollAt take distrust closes doubted dataDoubted",
    Modem: "start stop bytesLost inDataMode hindered found restIsMissing bringUp",
    audit: "beginAudit statusLine audited statusWord audit singleState compare auditEnded",
    events: "surprise gone connectOk connectFail alreadyConnect event accept transparent",
    receive: "torn bytesLost cutOff sentBy stall datagram nextLength",
    schedule: "connect disconnect serve unprepared startRefused closeEnded",
    send: "release dead noRoom failed",
    route: "refusal failed tellText isText linkEvent bearerLine textBegins frame",
    completion: "timeout",
    losses: "deafen headerLost mend isHeader isRest doubtResult unknownLine isData halfAnswered",
    said: "isRegistered",
}

const names = new Map(
    Object.entries(METHODS).map(([owner, methods]) => [
        owner,
        new Set(methods.split(" ")),
    ])
)

/** @param member `Class.method` or `file.function` of the core */
export function isCold(member: string): boolean {
    const [owner, method] = member.split(".")
    return names.get(owner)?.has(method) ?? false
}

/** All of them, by class. */
export function coldMethods(): ReadonlyMap<string, ReadonlySet<string>> {
    return names
}

/** Moves them to extra classes. */
export function withCold(code: string): string {
    if (!code.includes(SUFFIX)) return code
    return withColdMembers(withInit(code))
}

/** Replaces `constructor`, which is cold as well. */
export const INIT = `init${SUFFIX}`
/**
 * Makes an object: its class, names of fields that begin at 0, the constructor's
 * arguments.
 */
export const MAKE = `make${SUFFIX}`
/** Replaces `this.a=this.b=0` in a constructor, as `ZEROS("a b")`. */
export const ZEROS = "$zeros"

/** The names of fields that a call of `MAKE` begins at 0. */
export function fieldsOf(node: AnyNode): AnyNode | undefined {
    return node.type === "CallExpression" &&
        node.callee.type === "MemberExpression" &&
        node.callee.property.type === "Identifier" &&
        node.callee.property.name === MAKE
        ? node.arguments[1]
        : undefined
}

/** Whether code there runs while cold methods are defined: not in a closure. */
export function isAmidCold(up: AnyNode[]): boolean {
    const at = up.findLastIndex(isFunction)
    const around = up[at] as AnyNode | undefined
    if (around?.type === "FunctionDeclaration")
        return FUNCTION.test(around.id?.name ?? "")
    const method = up[at - 1] as AnyNode | undefined
    return (
        method?.type === "MethodDefinition" &&
        method.value === around &&
        (method.kind === "constructor" ||
            (method.key.type === "Identifier" &&
                method.key.name.endsWith(SUFFIX)))
    )
}

/** Lists of constants that stand in several places become a function. */
export function withLists(code: string): string {
    const edits: Edit[] = []
    const all = new Map<string, [node: AnyNode, up: AnyNode[]][]>()
    walk(parsed(code), (node, up) => {
        if (
            node.type !== "ArrayExpression" ||
            node.elements.length < 2 ||
            !node.elements.every(element => element?.type === "Literal")
        )
            return
        const text = code.slice(node.start, node.end)
        const places = all.get(text) ?? []
        places.push([node, up])
        all.set(text, places)
    })
    let functions = ""
    for (const [text, places] of all) {
        if (places.length < 2 || text.length < WORTH) continue
        const name = `$list${SUFFIX}${edits.length}`
        functions += `function ${name}(){return ${text}}\n`
        for (const [{ start, end }, up] of places)
            edits.push({
                from: start,
                to: end,
                text: isAmidCold(up) ? ` ${name}()` : `(${COLD}(),${name})()`,
            })
    }
    return functions + apply(code, edits)
}
/** A list as long as this is worth a function. */
const WORTH = 24

/**
 * Constructors become cold methods: `new Ring(n)` becomes `make(Ring, "", n)`.
 * Classes of which the module itself makes objects, when it is loaded, keep theirs.
 */
function withInit(code: string): string {
    const program = parsed(code)
    const edits: Edit[] = []
    const own = new Map<string, MethodDefinition>()
    const early = new Set<string>()
    const made: [node: NewExpression, name: string, up: AnyNode[]][] = []
    walk(program, (node, up) => {
        if (
            node.type === "ClassExpression" ||
            node.type === "ClassDeclaration"
        ) {
            const name = className(node, up)
            const constructor = node.body.body.find(
                (member): member is MethodDefinition =>
                    member.type === "MethodDefinition" &&
                    member.kind === "constructor"
            )
            if (name !== "" && constructor && !node.superClass)
                own.set(name, constructor)
        }
        if (node.type !== "NewExpression" || node.callee.type !== "Identifier")
            return
        made.push([node, node.callee.name, up])
        if (!up.some(({ type }) => /Function/.test(type)))
            early.add(node.callee.name)
    })
    const zeros = new Map<string, string>()
    for (const [name, constructor] of own) {
        const isMade = !early.has(name)
        if (isMade)
            edits.push({
                from: constructor.key.start,
                to: constructor.key.end,
                text: INIT,
            })
        const [first] = constructor.value.body.body
        if (
            first?.type !== "ExpressionStatement" ||
            first.expression.type !== "CallExpression" ||
            first.expression.callee.type !== "Identifier" ||
            first.expression.callee.name !== ZEROS
        )
            continue
        const [list] = first.expression.arguments
        const names = code.slice(list.start + 1, list.end - 1)
        const chain = names.split(" ").map(field => `this.${field}=`)
        if (isMade) zeros.set(name, names)
        edits.push({
            from: first.start,
            to: first.end,
            text: isMade ? "" : `${chain.join("")}0;`,
        })
    }
    let most = 0
    for (const [node, name, up] of made) {
        if (!own.has(name) || early.has(name)) continue
        const { callee } = node
        most = Math.max(most, node.arguments.length)
        const make = isAmidCold(up) ? MAKE : `(${COLD}(),${MAKE})`
        edits.push({
            from: node.start,
            to: callee.start,
            text: `${make}(`,
        })
        edits.push({
            from: callee.end,
            to: node.arguments[0]?.start ?? node.end,
            text: `,"${zeros.get(name) ?? ""}"${node.arguments[0] ? "," : ")"}`,
        })
    }
    if (most === 0 && zeros.size === 0) return apply(code, edits)
    const given = Array.from({ length: most }, (_, i) => `a${i}`).join()
    return `function ${MAKE}(c,z,${given}){c=new c;for(var i of z)c[i]=0;c.${INIT}(${given});return c}
${apply(code, edits)}`
}

function withColdMembers(code: string): string {
    const program = parsed(code)
    const edits: Edit[] = []
    const classes: string[] = []
    const functions = new Set<string>()
    let links = ""
    let methods = ""
    for (const node of program.body) {
        if (node.type !== "FunctionDeclaration" || !FUNCTION.test(node.id.name))
            continue
        functions.add(node.id.name)
    }
    /** Rewrites calls of those functions as calls of methods. */
    const calls: Edit[] = []
    walk(program, (node, up) => {
        if (
            node.type !== "Identifier" ||
            !functions.has(node.name) ||
            !isVariable(node, up)
        )
            return
        const call = up.at(-1) as AnyNode
        const list = up.at(-2)
        if (call.type === "FunctionDeclaration" && call.id === node) return
        // `$cold(), f()` becomes `$cold().f()`, and so does `($cold(), f)()`
        const within = call.type === "SequenceExpression" ? call : list
        const own = call.type === "SequenceExpression" ? node : call
        const before =
            within?.type === "SequenceExpression" &&
            (own === node ||
                (own.type === "CallExpression" && own.callee === node))
                ? within.expressions[
                      within.expressions.indexOf(own as Expression) - 1
                  ]
                : undefined
        const loads =
            before && code.slice(before.start, before.end) === `${COLD}()`
        if (
            loads &&
            call.type === "SequenceExpression" &&
            call.expressions.length === 2
        ) {
            const [open, close] = [call.start - 1, call.end]
            // `return` may precede it
            calls.push({ from: open, to: open + 1, text: " " })
            calls.push({ from: before.end, to: node.start, text: "." })
            calls.push({ from: close, to: close + 1, text: "" })
        } else if (loads && own !== node)
            calls.push({ from: before.end, to: node.start, text: "." })
        else
            calls.push({
                from: node.start,
                to: node.start,
                text: `${FUNCTIONS}.`,
            })
    })
    const text = ({ start, end }: AnyNode): string =>
        apply(
            code.slice(start, end),
            calls
                .filter(({ from, to }) => from >= start && to <= end)
                .map(edit => ({
                    from: edit.from - start,
                    to: edit.to - start,
                    text: edit.text,
                }))
        )
    for (const node of program.body) {
        if (node.type !== "FunctionDeclaration" || !functions.has(node.id.name))
            continue
        methods += text(node).replace(/^function /, "")
        edits.push({ from: node.start, to: node.end, text: "" })
    }
    if (methods)
        links += `${FUNCTIONS}=${LINK}({prototype:{}},class{${methods}});`
    walk(program, (node: AnyNode, up) => {
        const name = className(node, up)
        if (
            name === "" ||
            (node.type !== "ClassExpression" &&
                node.type !== "ClassDeclaration")
        )
            return
        methods = ""
        for (const method of node.body.body) {
            if (
                method.type !== "MethodDefinition" ||
                method.key.type !== "Identifier" ||
                !method.key.name.endsWith(SUFFIX)
            )
                continue
            methods += text(method)
            edits.push({ from: method.start, to: method.end, text: "" })
        }
        if (methods === "") return
        classes.push(name)
        links += `${LINK}(${name},class{${methods}});`
    })
    if (links === "") return code
    return `var ${IDLE}=1,${FUNCTIONS};
function ${LINK}(a,b){b=b.prototype;for(var i in b)b[i][${SCOPE}]=${LINK}[${SCOPE}];return a.prototype.__proto__=b}
function ${FORGET}(){${IDLE}=1;${FUNCTIONS}=0;for(var c of[${classes.join()}])c.prototype.__proto__=Object.prototype}
function ${LOAD}(){${IDLE}=0;setTimeout(${FORGET},${KEPT});${links}}
function ${COLD}(o){if(${IDLE})${LOAD}();return o||${FUNCTIONS}}
${apply(code, [...edits, ...calls])}`
}

/** Names of functions that stand there as methods. */
export function coldNames(code: string): string[] {
    return parsed(code).body.flatMap(node =>
        node.type === "FunctionDeclaration" && FUNCTION.test(node.id.name)
            ? [node.id.name]
            : []
    )
}
