/** What has become of messages that were sent. */
import { ReportReader, type StatusReport } from "../core/dialogues/reports"
import { bad } from "./arguments"
import { hearUrcs } from "./dialogue"
import type { Phone } from "./phone"

/**
 * Has the modem tell what becomes of messages that were sent with `report: true`
 * (AT+CNMI, +CDS). One that comes while the modem restarts is lost, and some networks
 * send none: give each message a time.
 *
 * ```ts
 * hearReports(phone, ({ reference, status }) => {
 *     if (status < 32) console.log(`${reference} has arrived`)
 * })
 * ```
 * @param phone that has been, or will be, started
 * @param take gets each report; it must not wait
 * @returns a function that ends that; call it when reports are of no interest any more
 */
export function hearReports(
    phone: Phone,
    take: (report: StatusReport) => void
): () => void {
    if (!phone || !phone.events) throw bad("phone", "a Phone is expected")
    if (typeof take !== "function") throw bad("take", "a function is expected")
    const reader = new ReportReader()
    phone.events.want("+CNMI=2,1,0,1,0")
    phone.modem.wake()
    return hearUrcs(phone.modem, line => {
        const report = reader.hear(line)
        if (report) take(report)
    })
}

export type { StatusReport }
