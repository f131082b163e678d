/** Access point, user and password of AT+CSTT. */
export interface AccessPoint {
    readonly apn: string
    readonly user: string
    readonly password: string
}

/** Settings that AT+CIPSCONT stores and a restart recalls ([ATM] 8.2.27). */
export interface IpSettings {
    /** AT+CIPMUX: several numbered connections instead of a single one. */
    multi: boolean
    /** AT+CIPMODE: the single connection is transparent. */
    transparent: boolean
    /** AT+CIPCCFG, [AN] 2.2.2: NmRetry; WaitTm, in units of `waitUnitMs`; SendSz; esc. */
    retries: number
    waitTime: number
    sendSize: number
    escape: boolean
    /** Rxmode, RxSize, Rxtimer (ms): whether, and how, output to the DTE is paced. */
    pacedOutput: boolean
    burstSize: number
    burstGap: number
    /** AT+CSTT of either PDP context. */
    accessPoints: readonly [AccessPoint, AccessPoint]
    /** AT+CIPHEAD, AT+CIPSHOWTP, AT+CIPSRIP. */
    header: boolean
    showProtocol: boolean
    showSender: boolean
    /** AT+CIPATS: whether, and after how many seconds, typed data are sent. */
    timedSend: boolean
    timedSendSeconds: number
    /** AT+CIPSPRT: 0 no prompt, 1 prompt, 2 neither prompt nor SEND OK. */
    sendPrompt: 0 | 1 | 2
    /** AT+CIPQSEND. */
    quickSend: boolean
    /** AT+CIPDPDP: whether a lost attach is watched, and how long it may last. */
    watchAttach: boolean
    watchIntervalSeconds: number
    watchCount: number
    /** AT+CIPRXGET: 1 keeps received data until asked for. */
    manualReceive: boolean
    /** AT+CIPRDTIMER, ms, for a single connection and for several. */
    singleRemoteDelay: number
    multiRemoteDelay: number
}

const factoryAccessPoint: AccessPoint = { apn: "CMNET", user: "", password: "" }

export const factoryIpSettings: IpSettings = {
    multi: false,
    transparent: false,
    retries: 5,
    waitTime: 2,
    sendSize: 1024,
    escape: true,
    pacedOutput: false,
    burstSize: 1460,
    burstGap: 50,
    accessPoints: [factoryAccessPoint, factoryAccessPoint],
    header: false,
    showProtocol: false,
    showSender: false,
    timedSend: false,
    timedSendSeconds: 0,
    sendPrompt: 1,
    quickSend: false,
    watchAttach: true,
    watchIntervalSeconds: 10,
    watchCount: 3,
    manualReceive: false,
    singleRemoteDelay: 2000,
    multiRemoteDelay: 3500,
}
