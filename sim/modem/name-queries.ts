/** Name queries: AT+CDNSGIP ([ATM] 8.2.14), and the name of AT+CIPSTART. */
import type { CommandEnd } from "./command-run"
import { allowedIf } from "./errors"
import { isIpAddress } from "./parameters"
import type { ToolkitModule, ToolkitState } from "./toolkit-state"

/** `<dns error code>` of AT+CDNSGIP, [ATM] 8.2.14. */
const DNS_NETWORK_ERROR = 3
const DNS_COMMON_ERROR = 8

export class NameQueries {
    /** Queries without an answer yet. */
    private pending = 0

    constructor(
        private readonly module: ToolkitModule,
        private readonly state: Pick<ToolkitState, "context" | "radio">
    ) {}

    get isSettled(): boolean {
        return this.pending === 0
    }

    /** AT+CDNSGIP. */
    query(run: CommandEnd, host: string): void {
        allowedIf(this.state.context.isActive)
        run.ok()
        if (!this.module.registration.isAttached) {
            this.reportFailure(DNS_NETWORK_ERROR)
            return
        }
        this.resolve(host, addresses => {
            if (addresses === undefined) this.reportFailure(DNS_NETWORK_ERROR)
            else if (addresses.length === 0)
                this.reportFailure(DNS_COMMON_ERROR)
            else {
                const quoted = [host, ...addresses.slice(0, 2)].map(
                    text => `"${text}"`
                )
                this.module.output.urc(`+CDNSGIP: 1,${quoted.join(",")}`)
            }
        })
    }

    private reportFailure(code: number): void {
        const { dnsFailureBlank } = this.module.options.firmware
        const blank = dnsFailureBlank ? " " : ""
        this.module.output.urc(`+CDNSGIP:${blank}0,${code}`)
    }

    /** @param done gets the addresses of a name, or undefined if nothing came back */
    resolve(
        host: string,
        done: (addresses: readonly string[] | undefined) => void
    ): void {
        const { uplink, downlink } = this.state.radio
        const { clock, network, options } = this.module
        let waiting = true
        this.pending++
        const answer = (addresses?: readonly string[]): void => {
            if (!waiting) return
            waiting = false
            timer.cancel()
            this.pending--
            done(addresses)
            this.module.activityChanged()
        }
        const timer = clock.after(options.firmware.dnsTimeoutMs, () => answer())
        uplink.carry(0, () => {
            if (isIpAddress(host)) downlink.carry(0, () => answer([host]))
            else
                network.resolve(host, addresses =>
                    downlink.carry(0, () => answer(addresses))
                )
        })
    }
}
