import type { ApplicationBearer } from "./application-bearers"
import type { Clock } from "./clock"
import type { Network, UdpSocket } from "./network"
import type { RadioLink } from "./radio-link"

/** `+CNTP` [NTP]: done, or no network, no name, no answer that makes sense, no answer. */
export type TimeOutcome = 1 | 61 | 62 | 64 | 65

export interface TimeModule {
    readonly clock: Clock
    readonly network: Pick<Network, "openUdp">
    readonly tcpip: {
        readonly state: { readonly radio: RadioLink }
        readonly names: {
            resolve(
                host: string,
                done: (addresses: readonly string[] | undefined) => void
            ): void
        }
    }
}

const PORT = 123
const PACKET = 48
/** Version 3, client. */
const REQUEST = 0x1b
/** Where the server's time stands in its answer, seconds since 1900 (RFC 5905). */
const TRANSMIT_TIME = 40
const SECONDS_TO_1970 = 2_208_988_800
/** Timeout of an answer, ms. */
const PATIENCE = 10_000

/**
 * Asks a time server (SNTP).
 * @param done gets the outcome, and UTC in ms since 1970 if there is an answer
 */
export function askTime(
    module: TimeModule,
    bearer: ApplicationBearer,
    server: string,
    done: (outcome: TimeOutcome, utc?: number) => void
): void {
    const UP = 1
    if (bearer.status !== UP) {
        module.clock.after(0, () => done(61))
        return
    }
    module.tcpip.names.resolve(server, addresses => {
        const address = addresses?.[0]
        if (address === undefined) done(62)
        else exchange(module, bearer.address, address, done)
    })
}

function exchange(
    { clock, network, tcpip }: TimeModule,
    from: string,
    address: string,
    done: (outcome: TimeOutcome, utc?: number) => void
): void {
    const { uplink, downlink } = tcpip.state.radio
    const finish = (outcome: TimeOutcome, utc?: number): void => {
        timer.cancel()
        socket.close()
        done(outcome, utc)
    }
    const timer = clock.after(PATIENCE, () => finish(65))
    const socket: UdpSocket = network.openUdp(
        { address: from, port: 0 },
        {
            bound: () =>
                uplink.carry(PACKET, () => {
                    const request = new Uint8Array(PACKET)
                    request[0] = REQUEST
                    socket.send(request, { address, port: PORT })
                }),
            failed: () => finish(61),
            received: bytes =>
                downlink.carry(bytes.length, () => {
                    const utc = timeIn(bytes)
                    if (utc === undefined) finish(64)
                    else finish(1, utc)
                }),
        }
    )
}

/** @returns undefined if it is no answer of a time server */
function timeIn(bytes: Uint8Array): number | undefined {
    const SERVER = 4
    if (bytes.length < PACKET || (bytes[0] & 7) !== SERVER) return undefined
    const seconds = Buffer.from(bytes).readUInt32BE(TRANSMIT_TIME)
    return seconds === 0 ? undefined : (seconds - SECONDS_TO_1970) * 1000
}
