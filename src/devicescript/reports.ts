/** Status reports of sent messages. */
import { ReportReader, type StatusReport } from "../core/dialogues/reports"
import { bad } from "./arguments"
import { hearUrcs } from "./dialogue"
import type { Phone } from "./phone"

/**
 * Makes the modem report the delivery of messages sent with `report: true` (AT+CNMI,
 * +CDS). A report during a restart of the modem is lost, and some networks send none:
 * use a timeout for each message.
 *
 * ```ts
 * hearReports(phone, ({ reference, status }) => {
 *     if (status < 32) console.log(`${reference} has arrived`)
 * })
 * ```
 * @param phone to be started before or after this
 * @param take gets each report; it must not wait
 * @returns a function that ends this; call it when reports are no longer of interest
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
