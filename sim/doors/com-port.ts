/** The words of RFC 2217, Telnet Com Port Control Option. */

/** Commands of the client; the server's answer has 100 more. */
export enum ComPort {
    Signature = 0,
    SetBaudRate = 1,
    SetDataSize = 2,
    SetParity = 3,
    SetStopSize = 4,
    SetControl = 5,
    NotifyLineState = 6,
    NotifyModemState = 7,
    FlowControlSuspend = 8,
    FlowControlResume = 9,
    SetLineStateMask = 10,
    SetModemStateMask = 11,
    PurgeData = 12,
}

/** Offset of the server's answers from the client's commands. */
export const ANSWER = 100

/** Values of {@link ComPort.SetControl}. */
export enum Control {
    RequestFlowControl = 0,
    NoFlowControl = 1,
    XonXoff = 2,
    Hardware = 3,
    RequestBreak = 4,
    BreakOn = 5,
    BreakOff = 6,
    RequestDtr = 7,
    DtrOn = 8,
    DtrOff = 9,
    RequestRts = 10,
    RtsOn = 11,
    RtsOff = 12,
    RequestInboundFlowControl = 13,
    NoInboundFlowControl = 14,
    InboundXonXoff = 15,
    InboundHardware = 16,
}

/** Bits of {@link ComPort.NotifyModemState}: lines that are on, and how they changed. */
export enum ModemState {
    Dcd = 0x80,
    Ri = 0x40,
    Dsr = 0x20,
    Cts = 0x10,
    DcdChanged = 0x08,
    /** RI has gone off */
    RiEnded = 0x04,
    DsrChanged = 0x02,
    CtsChanged = 0x01,
}

/** 32 bits, the high byte first. */
export function wordOf(payload: Uint8Array): number {
    return Buffer.from(payload).readUInt32BE(0)
}

export function bytesOfWord(word: number): number[] {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(word)
    return [...bytes]
}
