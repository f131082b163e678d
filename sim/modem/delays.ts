/** Durations of the module's own work, ms. */
export interface Delays {
    /** A command that only looks at or sets something: 1–50 ms were seen. */
    readonly command: number
    /** AT+CIPSEND up to its prompt. */
    readonly prompt: number
    /** A command that asks the SIM card: at most 2–5 s [ATM]. */
    readonly simCard: number
    /** From power-on until the UART works: 3 s from the start of the PWRKEY pulse, which lasts 1 s [HD]. */
    readonly uart: number
    /** From the start of the module to STATUS high: 1.2–1.5 s from the start of the PWRKEY pulse [HD]. */
    readonly status: number
    /** From RESET high to the start of the module: 2.7 s until STATUS [HD]. */
    readonly resetRecovery: number
    /** From a working UART to RDY: AT is answered before RDY [REAL:TG#358]. */
    readonly ready: number
    /** From RDY until the SIM card has been read. */
    readonly simReady: number
    /** From a ready SIM card to `Call Ready`, and from there to `SMS Ready`. */
    readonly callReady: number
    readonly smsReady: number
    /** From a ready SIM card to registration. */
    readonly registration: number
    /** From registration to GPRS attach: CGATT may read 0 while CREG is 5 [REAL:TG#184]. */
    readonly attach: number
    /** AT+CGATT=0. */
    readonly detach: number
    /** AT+COPS=0, 1, 2: at most 120 s [ATM]. */
    readonly operatorSelection: number
    /** AT+COPS=?: at most 45 s [ATM]. */
    readonly operatorSearch: number
    /** AT+CIICR: at most 85 s [ATM]; PDP contexts took 1.2–6.5 s [REAL:TG#184]. */
    readonly activation: number
    /** AT+CIPSHUT with a PDP context: at most 65 s [ATM]. */
    readonly deactivation: number
    /** AT+CIPSERVER: from its OK to SERVER OK or SERVER CLOSE. */
    readonly server: number
    /** ATA: at most 20 s [ATM]. */
    readonly answer: number
    /** ATD: from the command until the other side's phone rings, or is busy. */
    readonly dialling: number
    /** From there until it is picked up. */
    readonly pickUp: number
    /** The network answers AT+CCFC, AT+CCWA, AT+CLCK, AT+CHLD: at most 15 s [ATM12]. */
    readonly supplementary: number
    /** The network hands over a short message. */
    readonly message: number
    /** The network takes a short message, AT+CMGS: at most 60 s [ATM]. */
    readonly submission: number
    /** The network answers a USSD code. */
    readonly ussd: number
    /** AT+SAPBR=1: at most 85 s [ATM], 1.2–1.3 s were seen [REAL:TG#184]; and AT+SAPBR=0. */
    readonly bearer: number
    /** The location server answers AT+CLBS. */
    readonly location: number
    /** AT+CFUN=0: up to `+CPIN: NOT READY`, and from there to OK [REAL:TG#358]. */
    readonly simOff: number
    readonly minimumFunctionality: number
    /** AT+CFUN=1 and 4: at most 10 s [ATM]. */
    readonly functionality: number
    /** From the OK of AT+CFUN=1,1 until the module is dead. */
    readonly reset: number
    /** From `NORMAL POWER DOWN` until the module is off. */
    readonly powerDown: number
}

const realistic: Delays = {
    command: 5,
    prompt: 5,
    simCard: 50,
    uart: 2000,
    status: 300,
    resetRecovery: 2400,
    ready: 1000,
    simReady: 1500,
    callReady: 3500,
    smsReady: 1000,
    registration: 2500,
    attach: 1500,
    detach: 1000,
    operatorSelection: 3000,
    operatorSearch: 20_000,
    activation: 2000,
    deactivation: 1000,
    server: 50,
    answer: 500,
    dialling: 2500,
    pickUp: 4000,
    supplementary: 1500,
    message: 2000,
    submission: 3000,
    ussd: 2500,
    bearer: 1250,
    location: 3000,
    simOff: 365,
    minimumFunctionality: 4680,
    functionality: 500,
    reset: 300,
    powerDown: 1500,
}

const fast: Delays = {
    command: 1,
    prompt: 1,
    simCard: 2,
    uart: 20,
    status: 3,
    resetRecovery: 25,
    ready: 20,
    simReady: 20,
    callReady: 30,
    smsReady: 10,
    registration: 30,
    attach: 20,
    detach: 20,
    operatorSelection: 30,
    operatorSearch: 50,
    activation: 40,
    deactivation: 20,
    server: 10,
    answer: 10,
    dialling: 20,
    pickUp: 30,
    supplementary: 20,
    message: 20,
    submission: 20,
    ussd: 20,
    bearer: 20,
    location: 30,
    simOff: 10,
    minimumFunctionality: 40,
    functionality: 10,
    reset: 5,
    powerDown: 20,
}

const instant = Object.fromEntries(
    Object.keys(realistic).map(name => [name, 0])
) as unknown as Delays

export const delayProfiles = { realistic, fast, instant }

export type DelayProfileName = keyof typeof delayProfiles
