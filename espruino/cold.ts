/**
 * Methods that are seldom needed: for the way up, for opening and closing, for what goes
 * wrong. A method takes six variables of Espruino, so these are defined when one of
 * them is called, and forgotten two seconds later: their text stays in flash.
 *
 *     connections.lost(failure)       $cold(connections).lost_cold(failure)
 *
 * Calls among themselves are plain ones. They stand in classes that the build makes, and
 * come and go as prototypes of the prototypes of their own ones.
 */
import { parse, type AnyNode } from "acorn"
import { apply, walk, type Edit } from "./shorter"

/** What stands behind the name of such a method. */
export const SUFFIX = "_cold"
/** The function that sees to it that they are there, and the others that it takes. */
export const COLD = "$cold"
const LOAD = "$load"
const LINK = "$link"
const FORGET = "$forget"
const IDLE = "$idle"
/** how long they are kept, ms */
const KEPT = 2000

const METHODS: Record<string, string> = {
    Encoder: "text quoted fill payload drop",
    Results: "dotted",
    Channel: "proceed orphan persist",
    Recovery: "start failed resetDue reset up lostPatience rebuilds",
    Search: "begin next wait send answered refused unanswered again otherRate",
    SimPin: "start ask stateLine triesLine missing stateEnded triesEnded enter entered",
    Bearer: "setRate start stop restarted lost begin deactivated resynchronise troubled rebuild wishes reset audit stateLine single line beforeNetwork hasNetwork information keepAnswer ipState run searching searched pull done unregistered noAddress follow compare up needless linkState go again fail giveUp note enter become",
    Told: "reset",
    Preparation: "selectFirst select next retarget begin ended obeyed",
    Connections:
        "make take open renew start enter recount accept accepted vacant freeing lost lostContext shut stop end failSend sendEnded select serve connect unprepared transparent refuse begin startRefused roomAnswered noRoom sendFailed sendDead readEnded closeEnded free event connected gone countLine roomLine connecting anyConnected torn bytesLost recheck beginAudit statusLine audited surprise close",
    Digest: "reset skipLine skipBroken isNoAddress",
    ForeignText: "begin ended leave reset expire pollAt take distrust closes",
    Modem: "start stop down bytesLost mend deafen abort changed undecided frame isText askBehindText tellText errorNumber doubtResult headerLost isData timeout cutOff stall linkState",
}

const names = new Map(
    Object.entries(METHODS).map(([owner, methods]) => [
        owner,
        new Set(methods.split(" ")),
    ])
)

/** @param member `Class.method` of the core */
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
    const program = parse(code, { ecmaVersion: 2022, sourceType: "module" })
    const edits: Edit[] = []
    const classes: string[] = []
    let links = ""
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
    if (classes.length === 0) return code
    return `var ${IDLE}=1;
function ${LINK}(a,b){a.prototype.__proto__=b.prototype}
function ${FORGET}(){${IDLE}=1;for(var c of[${classes.join()}])${LINK}(c,Object)}
function ${LOAD}(){${IDLE}=0;setTimeout(${FORGET},${KEPT});${links}}
function ${COLD}(o){if(${IDLE})${LOAD}();return o}
${apply(code, edits)}`
}
