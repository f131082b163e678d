/** Short messages and USSD between driver and virtual modem, with connections up, and with everything going wrong. */
import { Command } from "../../src/core/commands"
import { expect, test } from "vitest"
import { Outcome } from "../../src/core/channel"
import { LinkState } from "../../src/core/link/connection"
import { Reception } from "../../src/core/config"
import { Failure } from "../../src/core/errors"
import { Request, RequestState } from "../../src/core/request"
import { Final, Line } from "../../src/core/results"
import type { ModemOptions } from "../../sim/modem/options"
import { noise, Rig } from "./rig"

const CMGS = 'AT+CMGS="+123"'
const TIMEOUT = 65_000

interface Sender {
    readonly rig: Rig
    readonly request: Request
    readonly sent: string[]
}

function sender(options: ModemOptions = {}): Sender {
    const rig = new Rig({}, options).start()
    // SMS Ready
    rig.wait(1000)
    const sent: string[] = []
    rig.sim.onMessage = ({ to, text }) => sent.push(`${to} ${text}`)
    const request = new Request(rig.core)
    expect(run(rig, request, "AT+CMGF=1")).toBe("Ok")
    return { rig, request, sent }
}

function begin(rig: Rig, request: Request, text: string, data?: string): void {
    const ends = Final.Ok | Final.Error
    const follow = text.includes("+CUSD=1") ? Line.Ussd : Line.Unknown
    request.begin(text, ends, TIMEOUT, follow, TIMEOUT)
    if (data !== undefined) request.data = Buffer.from(`${data}\x1a`)
    rig.poll()
}

function end(rig: Rig, request: Request): string {
    rig.expect("done", () => request.state === RequestState.Done)
    const lines = request.answer.toString("latin1", 0, request.answerLength)
    return `${Outcome[request.outcome]} ${lines.trim()}`.trim()
}

function run(rig: Rig, request: Request, text: string, data?: string): string {
    begin(rig, request, text, data)
    return end(rig, request)
}

test.each([
    ["manual", Reception.Manual],
    ["push", Reception.Push],
])("%s: a message, and USSD, amid the data of a connection", (_, reception) => {
    const rig = new Rig({ reception }).start()
    rig.wait(1000)
    const sent: string[] = []
    rig.sim.onMessage = ({ text }) => sent.push(text)
    const request = new Request(rig.core)
    run(rig, request, "AT+CMGF=1")
    const { timeouts } = rig.core.channel
    rig.network.echo("10.0.0.1", 7)
    const link = rig.connect()
    const data = noise(7, 20_000)
    let got = Buffer.alloc(0)
    rig.send(link, data)
    for (let i = 0; i < 5; i++) {
        begin(rig, request, CMGS, `message ${i}`)
        rig.expect("done", () => {
            if (link.readable > 0) got = Buffer.concat([got, rig.read(link)])
            return request.state === RequestState.Done
        })
        expect(end(rig, request)).toBe(`Ok +CMGS: ${i + 1}`)
    }
    expect(run(rig, request, 'AT+CUSD=1,"*100#",15')).toBe(
        'Ok +CUSD: 0, "Your balance is 12.50 EUR", 15'
    )
    rig.expect("echoed", () => {
        if (link.readable > 0) got = Buffer.concat([got, rig.read(link)])
        return got.length >= data.length
    })
    expect(got.equals(data)).toBe(true)
    expect(sent).toEqual([0, 1, 2, 3, 4].map(i => `message ${i}`))
    expect(rig.core.channel.timeouts).toBe(timeouts)
})

test("the network refuses one; the next one goes through", () => {
    const { rig, request, sent } = sender()
    rig.sim.inject("refuse-message", 38)
    expect(run(rig, request, CMGS, "one")).toBe("Refused")
    expect(request.cme).toBe(1038)
    expect(run(rig, request, CMGS, "two")).toBe("Ok +CMGS: 1")
    expect(sent).toEqual(["+123 two"])
})

test("the network takes its whole minute, and connections outlive it", () => {
    const { rig, request } = sender()
    const { timeouts } = rig.core.channel
    rig.network.echo("10.0.0.1", 7)
    const link = rig.connect()
    rig.sim.inject("refuse-message", 332)
    expect(run(rig, request, CMGS, "one")).toBe("Refused")
    expect(request.cme).toBe(1332)
    expect(link.state).toBe(LinkState.Connected)
    expect(rig.core.channel.timeouts).toBe(timeouts)
})

test("the prompt is not heard: no command becomes a message", () => {
    const { rig, request, sent } = sender()
    rig.sim.inject("drop-answer")
    expect(run(rig, request, CMGS, "one")).toBe("Timeout")
    rig.expect(
        "found again",
        () => rig.ready && rig.core.bearer.step === Command.None
    )
    rig.sim.clearFaults()
    expect(run(rig, request, CMGS, "two")).toBe("Ok +CMGS: 1")
    expect(sent).toEqual(["+123 two"])
})

test.each(["brown-out", "pdp-deact"] as const)(
    "%s at the prompt, and behind the data",
    fault => {
        const { rig, request, sent } = sender()
        for (const moment of [CMGS, "one"]) {
            rig.onSend = text => {
                if (text.includes(moment))
                    rig.clock.after(1, () => rig.sim.inject(fault))
            }
            expect(run(rig, request, CMGS, "one")).toMatch(/^Aborted/)
            rig.onSend = () => undefined
            rig.expect(
                "back",
                () => rig.ready && rig.core.bearer.step === Command.None
            )
            rig.wait(1000)
            run(rig, request, "AT+CMGF=1")
            const before = sent.length
            expect(run(rig, request, CMGS, "two")).toMatch(/^Ok \+CMGS: \d$/)
            expect(sent.slice(before)).toEqual(["+123 two"])
        }
        // nothing that was not meant as one
        expect(sent.every(text => /^\+123 (one|two)$/.test(text))).toBe(true)
    }
)

test("no GPRS: a message goes out all the same", () => {
    const rig = new Rig({}, { operator: { gprs: "reject" } })
    rig.sim.powerOn()
    rig.core.start(0)
    const request = new Request(rig.core)
    const sent: string[] = []
    rig.sim.onMessage = ({ text }) => sent.push(text)
    expect(run(rig, request, "AT+CMGF=1")).toBe("Ok")
    expect(run(rig, request, CMGS, "no data")).toBe("Ok +CMGS: 1")
    expect(sent).toEqual(["no data"])
    expect(rig.core.bearer.failure).toBe(Failure.NotAttached)
})

test("USSD: silence, cancelled, and again", () => {
    let silent = true
    const { rig, request } = sender({
        operator: { ussd: () => (silent ? null : "well") },
    })
    expect(run(rig, request, 'AT+CUSD=1,"*100#",15')).toBe("Timeout")
    silent = false
    expect(run(rig, request, "AT+CUSD=2")).toBe("Ok")
    expect(run(rig, request, 'AT+CUSD=1,"*100#",15')).toBe(
        'Ok +CUSD: 0, "well", 15'
    )
    expect(rig.log.at(-1)).toContain("Ready")
})
