/**
 * Methods that are seldom needed: for the way up, for opening and closing, for what goes
 * wrong. A method takes six variables of Espruino, so these are defined when one of
 * them is called, and forgotten two seconds later: their text stays in flash.
 *
 *     connections.lost(failure)       $cold(connections).lost_cold(failure)
 *     lost(links)                     ($cold(), lost_cold)(links)
 *
 * Calls among themselves are plain ones. Methods stand in classes that the build makes, and
 * come and go as prototypes of the prototypes of their own ones; functions are variables.
 */
import {
    parse,
    type AnyNode,
    type MethodDefinition,
    type NewExpression,
} from "acorn"
import { apply, walk, type Edit } from "./shorter"

/** What stands behind the name of such a method. */
export const SUFFIX = "_cold"
/** … of such a function; two of one name get a number. */
const FUNCTION = /_cold\d*$/
/** The function that sees to it that they are there, and the others that it takes. */
export const COLD = "$cold"
const LOAD = "$load"
const LINK = "$link"
const FORGET = "$forget"
const IDLE = "$idle"
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
    channel: "commandText",
    Recovery:
        "start failed unanswered resetDue reset up connectionFailed exhaust forgetFailures losePatience rebuilds connectionMade",
    Search: "begin next wait send answered refused unanswered again otherRate",
    SimPin: "start ask stateLine triesLine missing stateEnded triesEnded enter entered",
    Bearer: "command reported go again up fail note noteLoss enter",
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
    Digest: "reset skipLine skipBroken isNoAddress skip discard leave keepLinesIn markLine",
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
    script: "isNeedless writeParameters",
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

/** Moves them to classes of their own. */
export function withCold(code: string): string {
    if (!code.includes(SUFFIX)) return code
    return withColdMembers(withInit(code))
}

/** What stands for `constructor`: it is cold as well. */
export const INIT = `init${SUFFIX}`

/**
 * Constructors become cold methods: `new Ring(n)` becomes `$cold(new Ring).init_cold(n)`.
 * Classes of which the module itself makes objects, when it is loaded, keep theirs.
 */
function withInit(code: string): string {
    const program = parse(code, { ecmaVersion: 2022, sourceType: "module" })
    const edits: Edit[] = []
    const own = new Map<string, MethodDefinition>()
    const early = new Set<string>()
    const made: [node: NewExpression, name: string][] = []
    walk(program, (node, up) => {
        const parent = up.at(-1)
        if (
            node.type === "ClassExpression" ||
            node.type === "ClassDeclaration"
        ) {
            const id =
                node.type === "ClassDeclaration"
                    ? node.id
                    : parent?.type === "VariableDeclarator"
                      ? parent.id
                      : undefined
            const constructor = node.body.body.find(
                (member): member is MethodDefinition =>
                    member.type === "MethodDefinition" &&
                    member.kind === "constructor"
            )
            if (id?.type === "Identifier" && constructor && !node.superClass)
                own.set(id.name, constructor)
        }
        if (node.type !== "NewExpression" || node.callee.type !== "Identifier")
            return
        made.push([node, node.callee.name])
        if (!up.some(({ type }) => /Function/.test(type)))
            early.add(node.callee.name)
    })
    for (const [name, constructor] of own) {
        if (early.has(name)) continue
        edits.push({
            from: constructor.key.start,
            to: constructor.key.end,
            text: INIT,
        })
        const end = constructor.end - 1
        edits.push({ from: end, to: end, text: ";return this" })
        walk(constructor.value.body, node => {
            if (/Function/.test(node.type)) return false
            if (node.type === "ReturnStatement")
                edits.push({
                    from: node.start,
                    to: node.end,
                    text: "return this;",
                })
            return undefined
        })
    }
    for (const [node, name] of made) {
        if (!own.has(name) || early.has(name)) continue
        const to = node.callee.end
        edits.push({ from: node.start, to: node.start, text: `${COLD}(` })
        edits.push({
            from: to,
            to,
            text: `).${INIT}${node.end === to ? "()" : ""}`,
        })
    }
    return apply(code, edits)
}

function withColdMembers(code: string): string {
    const program = parse(code, { ecmaVersion: 2022, sourceType: "module" })
    const edits: Edit[] = []
    const classes: string[] = []
    const functions: string[] = []
    let links = ""
    for (const node of program.body) {
        if (node.type !== "FunctionDeclaration" || !FUNCTION.test(node.id.name))
            continue
        const { name } = node.id
        functions.push(name)
        links += `${name}=function${code.slice(node.id.end, node.end)};`
        edits.push({ from: node.start, to: node.end, text: "" })
    }
    walk(program, (node: AnyNode, up) => {
        if (node.type !== "ClassExpression" && node.type !== "ClassDeclaration")
            return
        const parent = up.at(-1)
        const id =
            node.type === "ClassDeclaration"
                ? node.id
                : parent?.type === "VariableDeclarator"
                  ? parent.id
                  : undefined
        if (id?.type !== "Identifier") return
        let methods = ""
        for (const method of node.body.body) {
            if (
                method.type !== "MethodDefinition" ||
                method.key.type !== "Identifier" ||
                !method.key.name.endsWith(SUFFIX)
            )
                continue
            methods += code.slice(method.start, method.end)
            edits.push({ from: method.start, to: method.end, text: "" })
        }
        if (methods === "") return
        classes.push(id.name)
        links += `${LINK}(${id.name},class{${methods}});`
    })
    if (classes.length + functions.length === 0) return code
    const gone = functions.map(name => `${name}=`).join("")
    return `var ${[`${IDLE}=1`, ...functions].join()};
function ${LINK}(a,b){a.prototype.__proto__=b.prototype}
function ${FORGET}(){${IDLE}=1;for(var c of[${classes.join()}])${LINK}(c,Object)${gone && `;${gone}0`}}
function ${LOAD}(){${IDLE}=0;setTimeout(${FORGET},${KEPT});${links}}
function ${COLD}(o){if(${IDLE})${LOAD}();return o}
${apply(code, edits)}`
}
