/**
 * States and events that are impossible in a module, by its missing features and
 * options. Names are those of members of classes, interfaces and enumerations of the
 * core.
 */

/** Impossible states and events. */
export interface Never {
    /** fields, methods and functions, and the one value that they have; `[]`: a list that is empty, a buffer of zeros; `undefined`: it does nothing */
    readonly values: Readonly<Record<string, string>>
    /** members of enumerations that nothing is ever equal to */
    readonly members: ReadonlySet<string>
    /** … and of which a table needs no rows */
    readonly rows: ReadonlySet<string>
    /** on what steps depend that are always passed over; the first one stands for all */
    readonly settings: readonly string[]
}

interface Rule {
    /** without these files, paths in `src`; or the module takes the modem as it comes */
    readonly without: string | string[]
    readonly values?: Record<string, string>
    readonly members?: string[]
    readonly rows?: string[]
    readonly settings?: string[]
}

const LEAN = "@lean"

const RULES: Rule[] = [
    {
        without: "core/data-mode/data-mode.ts",
        values: {
            "Modem.data": "null",
            "Core.data": "null",
            "ModemConfig.transparent": "false",
            "ModemConfig.printedData": "false",
        },
        members: ["Line.Connect", "Command.Ato"],
        settings: [
            "Setting.Transparent",
            "Setting.TransparentByDtr",
            "Setting.Transfer",
        ],
    },
    {
        without: "core/sleep.ts",
        values: { "Modem.gate": "null" },
        members: ["Command.Csclk"],
    },
    {
        without: "core/second-context.ts",
        values: {
            "Sim800.second": "null",
            "ModemConfig.secondContext": "false",
            "Features.exclusive": "null",
            "Connection.context": "0",
            "Told.context": "0",
        },
        members: [
            "Command.CipsgtxtFirst",
            "Command.CipsgtxtSecond",
            "Command.CipshutSecond",
        ],
        settings: ["Setting.SecondContext"],
    },
    {
        without: "core/certificates.ts",
        values: { "Connection.authenticate": "false" },
    },
    {
        without: "core/server.ts",
        values: {
            "Sim800.onIncoming": "null",
            "Connections.serving": "false",
            "Connections.hold": "false",
            "Connections.wanted": "false",
            "Connections.holdBack()": "undefined",
            "Connections.incoming": "0",
            "Connection.inbound": "false",
        },
        members: ["Failure.NumberTaken", "Line.RemoteIp", "Line.ServerClose"],
        rows: ["Line.RemoteIp", "Line.ServerOk", "Line.ServerClose"],
    },
    {
        without: "core/request.ts",
        values: { "Channel.holdsText": "false" },
        members: [
            "Line.Message",
            "Line.Busy",
            "Line.NoReply",
            "Line.NoDialtone",
            "Text.Answer",
            "Text.AnswerEnded",
            "Taken.Stranger",
            "Taken.End",
        ],
        rows: [
            "Line.Message",
            "Line.Busy",
            "Line.NoReply",
            "Line.NoDialtone",
            "Line.Resolved",
            "Line.Imported",
        ],
    },
    {
        without: ["core/server.ts", "core/request.ts", "core/certificates.ts"],
        members: ["Command.Custom"],
    },
    {
        without: [
            "core/server.ts",
            "core/request.ts",
            "core/certificates.ts",
            "core/data-mode/data-mode.ts",
            "core/sleep.ts",
        ],
        // the last ones: all others keep their numbers
        rows: ["Command.Ato", "Command.Csclk", "Command.Custom"],
    },
    {
        without: [
            "espruino/control.ts",
            "core/server.ts",
            "core/data-mode/data-mode.ts",
        ],
        values: {
            "Wishes.shut": "false",
            "Wishes.reset": "false",
        },
    },
    {
        without: "espruino/sentences.ts",
        values: { "cmeText()": '""' },
    },
    {
        without: "espruino/dgram.ts",
        values: {
            "Socket.extended": "false",
            "Connection.extended": "false",
            "Connection.retarget": "false",
            "Told.sender": "false",
            "Connections.senderKnown": "false",
            "sentBy()": "undefined",
        },
        members: ["Command.Cipsrip", "Command.Cipudpmode"],
        rows: ["Line.ReceivedFrom"],
    },
    {
        without: LEAN,
        values: {
            "ModemConfig.multi": "true",
            "ModemConfig.lazy": "false",
            "ModemConfig.reception": "0",
            "ModemConfig.framing": "0",
            "ModemConfig.sendTimer": "0",
            "Connections.asks": "true",
            "Channel.framing": "0",
            "Digest.plain": "null",
            "Digest.inlineHeaders": "false",
            "Digest.undecided": "false",
            "Digest.decide": "false",
            "Digest.framed": "false",
            "ModemOptions.connections": "undefined",
            "ModemOptions.framing": "undefined",
            "ModemOptions.lazy": "undefined",
            "OptionReader.word()": "undefined",
            "isPushed()": "false",
            "receptionOf()": "0",
            "Socket.datagrams": "false",
            "Connection.udp": "false",
            "Connection.localPort": "0",
            "Told.own": "[]",
            "Told.owned": "false",
            "Preparation.differs()": "false",
            "Preparation.at": "-1",
        },
        members: [
            "Digested.Plain",
            "Digested.Frame",
            "Line.Ipd",
            "Line.Receive",
            "Command.CiprxgetHex",
            "Command.Clport",
            "Command.Cipsrip",
            "Command.Cipcsgp",
            "IpState.TcpConnecting",
            "IpState.UdpConnecting",
            "IpState.TcpClosed",
            "IpState.UdpClosed",
        ],
        rows: ["Line.Ipd", "Line.Receive"],
        settings: [
            "Setting.Mode",
            "Setting.SendTimer",
            "Setting.Header",
            "Setting.LazyAccessPoint",
        ],
    },
]

/** Features that put themselves on the modem's list; without all of them it is empty. */
const FEATURES = [
    "core/server.ts",
    "core/request.ts",
    "core/second-context.ts",
    "core/certificates.ts",
    "core/data-mode/data-mode.ts",
    "core/sleep.ts",
    "core/dialogues/phone.ts",
]

/** That list is empty. */
const NO_FEATURES = {
    "Features.list": "[]",
    "Features.giver": "null",
    "Features.offer()": "false",
    "Features.run()": "false",
    "Features.down()": "undefined",
}

/** All files that rules and features name. */
export function namedFiles(): string[] {
    const files = RULES.flatMap(({ without }) => without)
    return [...files.filter(file => file !== LEAN), ...FEATURES]
}

/**
 * @param files that the module is made of
 * @param lean it takes the modem as it comes: six TCP connections, data that wait in
 * the modem, announced lengths
 */
export function neverIn(files: readonly string[], lean: boolean): Never {
    const has = (end: string): boolean =>
        files.some(file => file.replaceAll("\\", "/").endsWith(`src/${end}`))
    const values: Record<string, string> = {}
    const members = new Set<string>()
    const rows = new Set<string>()
    const settings: string[] = []
    for (const rule of RULES) {
        const { without } = rule
        if (without === LEAN ? !lean : [without].flat().some(has)) continue
        Object.assign(values, rule.values)
        for (const member of rule.members ?? []) members.add(member)
        for (const row of rule.rows ?? []) rows.add(row)
        settings.push(...(rule.settings ?? []))
    }
    for (const setting of settings.slice(1)) members.add(setting)
    if (!FEATURES.some(has)) Object.assign(values, NO_FEATURES)
    return { values, members, rows, settings }
}
