/**
 * The last resort (application note 12): an access point that is refused until
 * the modem is reset. Prints a line "RESULT …".
 */
import * as ds from "@devicescript/core"
import { Failure, JacdacUart, Sim800, Sim800Error } from "../../../src/index"

const uart = new JacdacUart({
    serial: new ds.Serial("modem"),
    lines: new ds.ModemLines("modem lines"),
})

async function failure(job: () => Promise<unknown>): Promise<string> {
    try {
        await job()
    } catch (e) {
        return (e as Sim800Error).message
    }
    return "none"
}

async function ladder() {
    const modem = new Sim800({ uart, apn: "refused" })
    const start = async () => await modem.start({ timeout: 60000 })
    const reason = await failure(start)
    const { resets, failure: why } = modem.status()
    console.log(
        `RESULT ladder: ${reason === "none" ? "" : reason} ${resets} reset, ${why === Failure.None}`
    )
    await modem.stop()
}

try {
    await ladder()
} catch (e) {
    ;(e as Error).print()
}
console.log("RESULT end")
