/** GPRS: attach, and the PDP contexts of 27.007, [ATM] 7. */
import {
    refuses,
    says,
    sets,
    setting,
    takes,
    type Command,
    type CommandRun,
} from "../command"
import { CommandError } from "../errors"
import {
    CONTEXT_IDS,
    eventReporting,
    type ContextDefinition,
    type ContextId,
    type GprsContexts,
} from "../gprs-contexts"
import { integer, ipAddress, oneOf, optional, text, word } from "../parameters"
import { range, words } from "../setting"
import { requireRadio } from "./network"

const NO_NETWORK = 30
const NETWORK_TIMEOUT = 31
const GPRS_REFUSED = 107
const ACTIVATION_REFUSED = 148
/** Of a context that is not defined ([ATM12] 19.8). */
const INVALID_INDEX = 21
const LONGEST_APN = 100
const ANY_ADDRESS = "0.0.0.0"

const contextId = integer<ContextId>(1, CONTEXT_IDS.length)

/** AT+CGATT=1. */
function attach(run: CommandRun): void {
    const { dce } = run
    requireRadio(dce)
    if (!dce.registration.isInNetwork) throw new CommandError(NO_NETWORK)
    const { attachTimeoutMs } = dce.hardware.options.firmware
    let waiting = true
    const timeout = dce.clock.after(attachTimeoutMs, () => {
        waiting = false
        run.fail(NETWORK_TIMEOUT)
    })
    dce.registration.attach(accepted => {
        if (!waiting) return
        timeout.cancel()
        if (accepted) run.ok()
        else run.fail(GPRS_REFUSED)
    })
}

/** AT+CGATT=0: the PDP contexts go too ([AN] 8). */
function detach(run: CommandRun): void {
    const { dce } = run
    dce.clock.after(dce.hardware.options.delays.detach, () => {
        dce.tcpip.deactivateAll()
        dce.registration.detach()
        run.ok()
    })
}

/** `1,"IP","internet","0.0.0.0",0,0` */
function describe(id: ContextId, definition: ContextDefinition): string {
    return `+CGDCONT: ${id},"IP","${definition.apn}","${definition.address}",0,0`
}

function definitions(contexts: GprsContexts): string[] {
    return contexts.defined.flatMap(id => {
        const definition = contexts.definition(id)
        return definition === undefined ? [] : [describe(id, definition)]
    })
}

/** AT+CGACT, [ATM] 7.2.7: for the first context unless told otherwise. */
const activate = takes(
    [oneOf(0, 1), optional(contextId, 1)] as const,
    (run, state, id) => {
        const { contexts, options, clock } = run.dce
        const { activation, deactivation } = options.delays
        if (contexts.definition(id) === undefined)
            throw new CommandError(INVALID_INDEX)
        if (contexts.isActive(id) === (state === 1)) run.ok()
        else if (state === 0)
            clock.after(deactivation, () => {
                contexts.deactivate(id)
                run.ok()
            })
        else {
            requireRadio(run.dce)
            contexts.activate(id, activation, up => {
                if (up) run.ok()
                else run.fail(ACTIVATION_REFUSED)
            })
        }
    }
)

/** A quality of service, which the virtual network does not heed: by cid, as last set. */
function quality(name: string): Command {
    const classes = [
        integer(0, 3),
        integer(0, 4),
        integer(0, 5),
        integer(0, 9),
        oneOf(...Array.from({ length: 19 }, (_, i) => i), 31),
    ] as const
    const of = (id: ContextId) => ({
        name: `${name} ${id}`,
        values: [
            range(0, 3, 0),
            range(0, 4, 0),
            range(0, 5, name === "+CGQREQ" ? 3 : 0),
            range(0, 9, 0),
            range(0, 31, 0),
        ],
        saved: "by itself" as const,
    })
    return {
        name,
        test: says(() => `${name}: "IP",(0-3),(0-4),(0-5),(0-9),(0-18,31)`),
        read: says(({ contexts, settings }) =>
            contexts.defined.map(
                id => `${name}: ${id},${settings.valuesOf(of(id)).join(",")}`
            )
        ),
        write: sets(
            [contextId, ...classes.map(value => optional(value))],
            ({ contexts, settings }, id, ...given) => {
                if (contexts.definition(id) === undefined)
                    throw new CommandError(INVALID_INDEX)
                const initial = of(id).values.map(value => value.initial)
                settings.keep(
                    of(id),
                    initial.map((value, i) => given[i] ?? value)
                )
            }
        ),
    }
}

export const gprsCommands: readonly Command[] = [
    {
        // [ATM] 7.2.1
        name: "+CGATT",
        test: says(() => "+CGATT: (0,1)"),
        read: says(({ registration }) => `+CGATT: ${+registration.isAttached}`),
        write: takes([oneOf(0, 1)], (run, state) => {
            if (state === 1) attach(run)
            else detach(run)
        }),
    },
    {
        name: "+CGDCONT",
        test: says(() => '+CGDCONT: (1-3),"IP",,,(0),(0)'),
        read: (run, _text) => {
            const lines = definitions(run.dce.contexts)
            run.information(...lines)
            run.ok()
        },
        write: sets(
            [
                contextId,
                optional(word("IP")),
                optional(text(LONGEST_APN), ""),
                optional(ipAddress(), ANY_ADDRESS),
                optional(oneOf(0)),
                optional(oneOf(0)),
            ],
            ({ contexts }, id, type, apn, address) =>
                // the number alone takes the definition away (27.007 10.1.1)
                contexts.define(
                    id,
                    type === undefined ? undefined : { apn, address }
                )
        ),
    },
    quality("+CGQMIN"),
    quality("+CGQREQ"),
    {
        name: "+CGACT",
        test: says(() => "+CGACT: (0,1)"),
        read: says(({ contexts }) =>
            contexts.defined.map(
                id => `+CGACT: ${id},${+contexts.isActive(id)}`
            )
        ),
        write: activate,
    },
    refuses(
        "+CGDATA",
        "PPP is left out: nothing here speaks it, and the sockets of AT+CIPSTART do without"
    ),
    {
        name: "+CGPADDR",
        test: says(
            ({ contexts }) => `+CGPADDR: (${contexts.defined.join(",")})`
        ),
        write: takes([contextId], (run, id) => {
            const { contexts } = run.dce
            if (contexts.definition(id) === undefined)
                throw new CommandError(INVALID_INDEX)
            run.information(`+CGPADDR: ${id},"${contexts.address(id)}"`)
            run.ok()
        }),
        execute: says(({ contexts }) =>
            contexts.defined.map(
                id => `+CGPADDR: ${id},"${contexts.address(id)}"`
            )
        ),
    },
    setting({
        name: "+CGCLASS",
        values: [words(["B", "CG", "CC"])],
        saved: "by itself",
    }),
    // [ATM] 7.2.9
    { ...setting(eventReporting), acts: true },
    setting({
        name: "+CGSMS",
        values: [range(0, 3, 1)],
        saved: "by itself",
    }),
]
