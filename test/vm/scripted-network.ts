import { test } from "@devicescript/test"
import { connect, Socket } from "@devicescript/net"
import { Network, Sim800, useAsNetwork } from "../../src/index"
import { played, ScriptedUart, started } from "./scripted"

export const START = 'AT+CIPSTART=0,"TCP","a.example",80\r'
export const UP = "|OK||0, CONNECT OK|"
const READ = "AT+CIPRXGET=2,0,1460\r"

interface Bench {
    uart: ScriptedUart
    modem: Sim800
    network: Network
}

/** A test with a modem that is started, and stopped whatever happens. */
export function testOver(
    name: string,
    sockets: number,
    job: (b: Bench) => Promise<void>
) {
    test(name, async () => {
        const { uart, modem } = await started({ sockets })
        const network = useAsNetwork(modem)
        try {
            await job({ uart, modem, network })
            if (network.current) uart.then("AT+CIPCLOSE=0,1\r", "|0, CLOSE OK|")
            network.stop()
            await played(uart)
        } finally {
            network.stop()
            await modem.stop()
        }
    })
}

/** A connection of the package. */
export async function opened(uart: ScriptedUart): Promise<Socket> {
    uart.then(START, UP)
    return await connect({ host: "a.example", port: 80 })
}

/** @param then what the modem says behind it */
export function willSend(uart: ScriptedUart, data: string, then?: string) {
    uart.then("AT+CIPSEND?\r", "|+CIPSEND: 0,1460||OK|")
    uart.then(`AT+CIPSEND=0,${data.length}\r`, "|> ")
    uart.then(data, `|DATA ACCEPT:0,${data.length}|${then || ""}`)
}

/** The modem hands out `data`, of which `left` bytes stay there. */
export function willSay(uart: ScriptedUart, data: string, left: number) {
    uart.then(READ, `|+CIPRXGET: 2,0,${data.length},${left}|${data}|OK|`)
}
