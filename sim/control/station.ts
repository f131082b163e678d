/** A modem with everything that can be seen of it and done to it. */
import type { Clock } from "../modem/clock"
import type { ConnectionStatus, VirtualSim800 } from "../modem/modem"
import type { Battery, Signal } from "../modem/options"
import {
    ActionError,
    actions,
    performUnchecked,
    type ActionSurface,
} from "./actions"
import { Feed } from "./feed"
import { Probe, type Pin } from "./probe"
import type { DteSide } from "../modem/uart"

/** The present state of a modem. */
export interface StationView {
    /** `real` can be watched, but nothing can be done to it */
    readonly modem: "virtual" | "real"
    /** ms since the start */
    readonly time: number
    /** id of the latest event that is in here */
    readonly latest: number
    readonly baud: number
    /** which pins are low */
    readonly pins: Readonly<Record<Pin, boolean>>
    /** in SIMCom's words: power, sim, registration, gprs, ip, link 0–5, mode, call, sleep… */
    readonly states: Readonly<Record<string, string>>
    /** of a virtual modem */
    readonly signal?: Signal
    readonly battery?: Battery
    readonly connections: readonly ConnectionStatus[]
}

export class Station {
    readonly feed: Feed
    /** to be used in place of the DTE's side */
    readonly probe: Probe
    private readonly states: Record<string, string> = {}
    private modem: VirtualSim800 | undefined

    /** @param dte of any modem */
    constructor(dte: DteSide, clock: Clock) {
        this.feed = new Feed(clock)
        this.probe = new Probe(dte, clock)
        const { feed, probe } = this
        probe.listen(({ direction, bytes }) =>
            feed.publish({ kind: "data", direction, bytes })
        )
        probe.watch(({ pin, low }) => feed.publish({ kind: "pin", pin, low }))
    }

    /**
     * A virtual modem.
     * @param dte its DTE's side, if there is something between
     */
    static of(modem: VirtualSim800, clock: Clock, dte = modem.dte): Station {
        const station = new Station(dte, clock)
        station.modem = modem
        const { feed, states } = station
        modem.onTransition = (subject, from, to) => {
            if (subject === "power") station.restarted(to)
            states[subject] = to
            feed.publish({ kind: "state", subject, from, to })
        }
        modem.onLog = text =>
            feed.publish({ kind: "log", source: "warning", text })
        modem.onMessage = ({ to, text }) =>
            feed.publish({ kind: "message", way: "out", number: to, text })
        return station
    }

    /** The firmware loses its state with the power. */
    private restarted(power: string): void {
        const { states } = this
        for (const subject of Object.keys(states)) delete states[subject]
        if (power === "on") states.ip = "IP INITIAL"
    }

    get view(): StationView {
        const { feed, probe, modem } = this
        return {
            modem: modem ? "virtual" : "real",
            time: feed.now,
            latest: feed.latest,
            baud: modem?.baud ?? probe.baud,
            pins: probe.levels,
            states: { ...this.states },
            signal: modem?.signal,
            battery: modem?.battery,
            connections: modem?.connections ?? [],
        }
    }

    /** The names of the actions that can be performed here. */
    get actions(): readonly string[] {
        return this.modem ? Object.keys(actions) : []
    }

    /**
     * Does something to the modem: {@link actions}.
     * @throws ActionError
     */
    perform(name: string, values: unknown = {}): string {
        const surface: ActionSurface | undefined = this.modem
        if (surface === undefined)
            throw new ActionError(
                "this modem is real: what comes over the air comes from elsewhere",
                "refused"
            )
        const text = performUnchecked(surface, name, values)
        this.feed.publish({ kind: "action", name, text })
        if (name === "message") {
            const { from, text: body } = withDefaults(values)
            this.feed.publish({
                kind: "message",
                way: "in",
                number: from,
                text: body,
            })
        }
        return text
    }
}

function withDefaults(values: unknown): { from: string; text: string } {
    const { parameters } = actions.message
    return {
        from: parameters.from.default,
        text: parameters.text.default,
        ...(values as object),
    }
}
