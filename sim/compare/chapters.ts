/**
 * The lines typed into the compared modems: the application note's chapters, as far as
 * a module with a SIM card and an echo server can show them. They store nothing, and
 * send no more than some kilobytes.
 */
import { DISCARD, REFUSING } from "./typist"

/** What ends an answer, and how long it may take: the manual's longest times, ms. */
export interface Step {
    /** as a transcript has it: `␍` is CR, `␚` Ctrl-Z */
    readonly line: string
    readonly end: RegExp
    readonly limit: number
    /** silence before it, ms */
    readonly pause?: number
    /**
     * Pattern of the response before: otherwise this would be typed at the wrong place.
     */
    readonly after?: RegExp
}

export interface Chapter {
    readonly name: string
    /** `network`: registered, with GPRS; `server`: a server that echoes, too */
    readonly needs: "module" | "network" | "server"
    readonly steps: readonly Step[]
}

/** Parameters of the chapters. */
export interface Place {
    readonly apn: string
    readonly host: string
    readonly port: number
}

const FINAL =
    /(^|\r\n)(OK|ERROR|\+CM[ES] ERROR: .*|NO CARRIER|SHUT OK|(\d, ?)?(SEND OK|SEND FAIL|CLOSE OK)|DATA ACCEPT:.*)\r\n/

/** A line whose answer ends with a final result code. */
const ask = (line: string, limit = 5000): Step => ({
    line: `AT${line}␍`,
    end: FINAL,
    limit,
})
/** A line with its own end. An error ends it too. */
const until = (line: string, end: string, limit: number): Step => ({
    line: `AT${line}␍`,
    end: new RegExp(`${end}|\\r\\n(ERROR|\\+CME ERROR: .*)\\r\\n`),
    limit,
})
/** Data at a prompt, and the end of their response. */
const data = (line: string, end = FINAL): Step => ({
    line,
    end,
    limit: 30_000,
    after: /> $/,
})
const prompt = (line: string): Step => until(line, "> $", 10_000)
/** In data mode. */
const inData = (line: string, end: RegExp): Step => ({
    ...data(line, end),
    after: /\r\nCONNECT\r\n$/,
})
const escape: Step = {
    line: "+++",
    end: /\r\nOK\r\n/,
    limit: 5000,
    pause: 1200,
    after: /(\r\nCONNECT\r\n|hello)$/,
}

const address = until("+CIFSR", "\\r\\n\\d+\\.\\d+\\.\\d+\\.\\d+\\r\\n", 10_000)
const status = until("+CIPSTATUS", "STATE: .*\\r\\n", 5000)
const allStatus = until("+CIPSTATUS", "C: 5.*\\r\\n", 5000)
const shut = ask("+CIPSHUT", 70_000)
const close = ask("+CIPCLOSE", 15_000)

export function chapters({ apn, host, port }: Place): readonly Chapter[] {
    const up = [ask(`+CSTT="${apn}"`), ask("+CIICR", 90_000), address]
    const connect = (end = "CONNECT OK\\r\\n", to = port): Step =>
        until(
            `+CIPSTART="TCP","${host}",${to}`,
            `${end}|CONNECT FAIL\\r\\n`,
            160_000
        )
    const connectOf = (n: number): Step =>
        until(
            `+CIPSTART=${n},"TCP","${host}",${port}`,
            `${n}, ?CONNECT (OK|FAIL)\\r\\n`,
            80_000
        )
    return [
        {
            name: "the module",
            needs: "module",
            steps: [
                "",
                "I",
                "+CGMI",
                "+CGMM",
                "+CGMR",
                "+GSV",
                "+CSQ",
                "+CBC",
                "+CCID",
                "+CPIN?",
                "+CREG=?",
                "+CGREG=?",
                "+COPS?",
                "+CMEE?",
                "+IPR=?",
                "+IFC?",
                "+ICF?",
                "+CSCLK?",
                "+CFGRI?",
                "+CLTS?",
                "+CCALR?",
                "+CIPMUX=?",
                "+CIPMODE=?",
                "+CSCS=?",
                "+CPMS=?",
                "+CNMI=?",
                "+CMGF=?",
                "+CIPSSL=?",
                "+SSLOPT=?",
                "+SSLSETROOT=?",
                "+GCAP",
            ].map(line => ask(line)),
        },
        {
            name: "errors",
            needs: "module",
            steps: [
                ask("+CMEE=0"),
                ask("+NONSENSE"),
                ask("+CMEE=1"),
                ask("+NONSENSE"),
                ask("+CIPMUX=7"),
                ask("+CMEE=2"),
                ask("+NONSENSE"),
                ask("+CMEE=0"),
                ask("+CIPSEND=5"),
                ask("+CIPCLOSE"),
                ask("O"),
                ask("+CIPRXGET=2,100"),
            ],
        },
        {
            name: "2.1.1 TCP client, single connection",
            needs: "server",
            steps: [
                ask("+CGATT?"),
                status,
                ...up,
                status,
                connect(),
                status,
                connect("ALREADY CONNECT\\r\\n"),
                prompt("+CIPSEND"),
                data(
                    "hello TCP serve␚",
                    /SEND OK\r\n[^]*hello TCP serve|serve[^]*serve[^]*SEND OK\r\n/
                ),
                close,
                status,
                shut,
                status,
            ],
        },
        {
            name: "2.1.2 UDP client, single connection",
            needs: "server",
            steps: [
                ...up,
                until(
                    `+CIPSTART="UDP","${host}",${DISCARD}`,
                    "CONNECT (OK|FAIL)\\r\\n",
                    80_000
                ),
                prompt("+CIPSEND"),
                data("SIM800 UDP test␚"),
                close,
                status,
                shut,
            ],
        },
        {
            name: "2.1.3 TCP server, single connection",
            needs: "network",
            steps: [
                ask("+CIPSERVER?"),
                until("+CIPSERVER=1,1234", "SERVER OK\\r\\n", 160_000),
                status,
                ask("+CIPSERVER?"),
                until("+CIPSERVER=0", "SERVER CLOSE\\r\\n", 10_000),
                shut,
            ],
        },
        {
            name: "2.1.4 UDP extended mode",
            needs: "module",
            steps: [
                ask("+CIPUDPMODE=?"),
                ask("+CIPUDPMODE=1"),
                ask("+CIPUDPMODE?"),
                ask("+CIPUDPMODE=0"),
                ask("+CIPUDPMODE?"),
            ],
        },
        {
            name: "2.2 transparent mode",
            needs: "server",
            steps: [
                ask("+CIPMODE=1"),
                ask("+CIPCCFG=?"),
                ask("+CIPCCFG?"),
                ...up,
                connect("CONNECT\\r\\n"),
                inData("hello", /hello/),
                escape,
                status,
                until("O", "CONNECT\\r\\n", 5000),
                escape,
                close,
                ask("O"),
                shut,
                ask("+CIPMODE=0"),
            ],
        },
        {
            name: "2.3 local port",
            needs: "module",
            steps: [
                ask("+CLPORT?"),
                ask('+CLPORT="TCP",2020'),
                ask("+CLPORT?"),
                ask('+CLPORT="TCP",0'),
            ],
        },
        {
            name: "3.1 several connections, client",
            needs: "server",
            steps: [
                ask("+CIPMUX=1"),
                ...up,
                allStatus,
                connectOf(0),
                connectOf(3),
                prompt("+CIPSEND=0,5"),
                data(
                    "test0",
                    /0, ?SEND OK\r\n[^]*RECEIVE,0,5[^]*test0|RECEIVE,0,5[^]*test0[^]*0, ?SEND OK\r\n/
                ),
                allStatus,
                ask("+CIPSTATUS=3"),
                ask("+CIPSEND?"),
                ask("+CIPSEND=3,1461"),
                ask("+CIPACK=0"),
                ask("+CIPCLOSE=0", 15_000),
                ask("+CIPCLOSE=0", 15_000),
                ask("+CIPSTATUS=0"),
                ask("+CIPCLOSE=3,1", 15_000),
                shut,
                ask("+CIPMUX=0"),
            ],
        },
        {
            name: "3.2 several connections, server",
            needs: "network",
            steps: [
                ask("+CIPMUX=1"),
                ...up,
                until("+CIPSERVER=1,8888", "SERVER OK\\r\\n", 10_000),
                allStatus,
                until("+CIPSERVER=0", "SERVER CLOSE\\r\\n", 10_000),
                shut,
                ask("+CIPMUX=0"),
            ],
        },
        {
            name: "5 DNS",
            needs: "network",
            steps: [
                ask("+CDNSCFG?"),
                ...up,
                until(
                    `+CDNSGIP="${host}"`,
                    "\\+CDNSGIP: ?[01].*\\r\\n",
                    30_000
                ),
                until(
                    '+CDNSGIP="no-such-name.invalid"',
                    "\\+CDNSGIP: ?[01].*\\r\\n",
                    30_000
                ),
                shut,
            ],
        },
        {
            name: "6 sending",
            needs: "server",
            steps: [
                ask("+CIPSPRT?"),
                ask("+CIPQSEND?"),
                ask("+CIPATS?"),
                ...up,
                connect(),
                ask("+CIPSEND=?"),
                ask("+CIPSEND?"),
                ask("+CIPSEND=1461"),
                prompt("+CIPSEND=5"),
                data(
                    "hello",
                    /SEND OK\r\n[^]*hello|hello[^]*hello[^]*SEND OK\r\n/
                ),
                prompt("+CIPSEND"),
                data("never␛", /\r\nOK\r\n|never.?$/),
                ask("+CIPQSEND=1"),
                prompt("+CIPSEND"),
                data("0123456789␚", /DATA ACCEPT: ?10\r\n[^]*0123456789/),
                ask("+CIPACK"),
                ask("+CIPQSEND=0"),
                close,
                shut,
            ],
        },
        {
            name: "7.1 receiving automatically",
            needs: "server",
            steps: [
                ask("+CIPHEAD=1"),
                ask("+CIPSHOWTP=1"),
                ...up,
                connect(),
                prompt("+CIPSEND=5"),
                data(
                    "test1",
                    /SEND OK\r\n[^]*TCP:test1|TCP:test1[^]*SEND OK\r\n/
                ),
                ask("+CIPSHOWTP=0"),
                ask("+CIPSRIP=1"),
                prompt("+CIPSEND=5"),
                data(
                    "test2",
                    /SEND OK\r\n[^]*D,5:test2|D,5:test2[^]*SEND OK\r\n/
                ),
                ask("+CIPHEAD=0"),
                ask("+CIPSRIP=0"),
                close,
                shut,
            ],
        },
        {
            name: "7.2 receiving by hand",
            needs: "server",
            steps: [
                ask("+CIPRXGET=?"),
                ask("+CIPRXGET=1"),
                ...up,
                connect(),
                prompt("+CIPSEND=11"),
                data(
                    "HELLO WORLD",
                    /SEND OK\r\n[^]*CIPRXGET: ?1\r\n|CIPRXGET: ?1\r\n[^]*SEND OK\r\n/
                ),
                ask("+CIPRXGET=4"),
                ask("+CIPRXGET=2,4"),
                ask("+CIPRXGET=3,730"),
                ask("+CIPRXGET=2,100"),
                ask("+CIPRXGET=2,1461"),
                close,
                shut,
                ask("+CIPRXGET=0"),
            ],
        },
        {
            name: "8 states that refuse",
            needs: "network",
            steps: [
                ask("+CIICR", 90_000),
                ask("+CIFSR"),
                ...up,
                ask(`+CSTT="${apn}"`),
                ask("+CIICR", 90_000),
                ask("+CIPMUX=1"),
                status,
                shut,
                shut,
            ],
        },
        {
            name: "9 closing",
            needs: "server",
            steps: [
                ...up,
                connect(),
                ask("+CIPCLOSE=1", 15_000),
                connect(),
                ask("+CIPCLOSE=0", 15_000),
                close,
                shut,
            ],
        },
        {
            name: "12 a server that refuses",
            needs: "server",
            steps: [...up, connect(undefined, REFUSING), status, shut],
        },
    ]
}
