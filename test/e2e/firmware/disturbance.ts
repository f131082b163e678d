/** Hears what the modem says of itself while something else goes on. */
import { Sim800 } from "../../../src/index"

/** Remembers what it hears by what stands in front of the first colon. */
export class Disturbance {
    private readonly heard: string[] = []

    constructor(modem: Sim800) {
        const heard = this.heard
        modem.urcHandlers.push(line => {
            const what = line.split(":")[0]
            if (heard.indexOf(what) < 0) heard.push(what)
        })
    }

    all(): string {
        return this.heard.join()
    }
}
