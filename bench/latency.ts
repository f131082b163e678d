/**
 * Latency of received data, and fairness among sockets: the whole driver on a virtual
 * clock, with the times of an RP2040's VM.
 */
import { download, lateness, upload, type Case } from "../test/driver/traffic"
import { atLeast, figure, type Part, type Row } from "./part"

const SHARE = 80

async function late(what: string, its: Case, busy: boolean): Promise<Row[]> {
    const { median, worst } = await lateness(its, busy)
    return [
        figure(`${what}: median`, median, "ms"),
        figure(`${what}: worst`, worst, "ms"),
    ]
}

async function run(): Promise<Row[]> {
    const rows: Row[] = []
    for (const receive of ["manual", "push"] as const) {
        rows.push(
            ...(await late(`${receive}, one socket`, { receive }, false)),
            ...(await late(`${receive}, one busy socket`, { receive }, true)),
            ...(await late(
                `${receive}, six busy sockets`,
                { receive, sockets: 6 },
                true
            ))
        )
        const { share } = await download({ receive, sockets: 6 })
        rows.push(
            atLeast(
                `${receive}, download: the slowest of six`,
                share,
                "% of its share",
                SHARE
            )
        )
    }
    for (const quick of [true, false]) {
        const { share } = await upload({ quick, sockets: 6 })
        rows.push(
            atLeast(
                `upload ${quick ? "quick" : "confirmed"}: the slowest of six`,
                share,
                "% of its share",
                SHARE
            )
        )
    }
    return rows
}

export const part: Part = {
    title: "from the last byte of a segment on the line until its reader has it; shares; 115200 baud",
    run,
}
