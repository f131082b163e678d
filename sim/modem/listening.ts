/** The TCP server, AT+CIPSERVER ([ATM] 8.2.18, [AN] 2.1.3, 3.2), and its peers. */
import type { CommandEnd } from "./command-run"
import { allowedIf } from "./errors"
import type { Link } from "./link"
import type { LinkTransports } from "./link-transports"
import type { IncomingTcp } from "./network"
import {
    LINK_COUNT,
    type ToolkitModule,
    type ToolkitState,
} from "./toolkit-state"

export class Listening {
    constructor(
        private readonly module: ToolkitModule,
        private readonly state: ToolkitState,
        private readonly transports: LinkTransports
    ) {}

    /** AT+CIPSERVER=1. */
    open(run: CommandEnd, port: number): void {
        const { state } = this
        const { context, server } = state
        allowedIf(server.state === "CLOSED" && state.busyLinks < LINK_COUNT)
        const { output, options } = this.module
        const { serverFailure } = options.firmware
        state.begin(run, "CIPSERVER", up => {
            if (!up) {
                output.urc(serverFailure)
                return
            }
            context.machine.apply("CIPSERVER")
            const local = { address: context.localAddress, port }
            server.open(context.number, local, listening => {
                if (!listening) state.settle(context)
                output.urc(listening ? "SERVER OK" : serverFailure)
            })
        })
    }

    /** AT+CIPSERVER=0: the peers that have been accepted stay, [AN] 2.1.3. */
    close(run: CommandEnd): void {
        const { state } = this
        allowedIf(state.isServing)
        const context = state.contexts[state.server.bearer]
        run.ok()
        state.server.close(() => {
            state.settle(context)
            this.module.output.urc("SERVER CLOSE")
        })
    }

    /** AT+CIPCLOSE in SERVER LISTENING; a peer that is just coming in is sent away. */
    closeByLink(run: CommandEnd, link: Link): void {
        const { state } = this
        const { machine } = state.context
        allowedIf(state.isServing)
        machine.apply("CIPCLOSE TCP")
        if (link.isBusy) {
            link.transport?.abort()
            link.enter("CLOSED")
        }
        state.server.close(() => {
            machine.apply("ended TCP")
            this.module.output.result(state.indexed(link, "CLOSE OK"))
            run.done()
        })
    }

    /** A peer asks for a connection; without a free number it gets RST. */
    accept(peer: IncomingTcp): void {
        const link = this.freeLink()
        if (link === undefined) {
            peer.refuse()
            return
        }
        link.open(this.state.server.bearer, "TCP", peer.from)
        this.transports.attachPeer(link, {
            open: events => peer.accept(events),
            secure: false,
            cancel: () => peer.refuse(),
        })
    }

    /**
     * The lowest number that is free; one with data that the DTE has not
     * fetched only if there is no other.
     */
    private freeLink(): Link | undefined {
        const { multi, links, busyLinks, connectionLimit } = this.state
        if (multi && busyLinks >= connectionLimit) return undefined
        const usable = multi ? links : links.slice(0, 1)
        const free = usable.filter(link => !link.isBusy)
        return free.find(link => link.unread === 0) ?? free.at(0)
    }
}
