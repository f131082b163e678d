/**
 * Settings that AT+FTPSCONT saves, by the end of the command's name, with initial
 * values ([ATM12] 12.2).
 */
export const factoryFtpSettings = {
    SERV: "",
    PORT: "21",
    UN: "",
    PW: "",
    CID: "1",
    /**
     * 0 active, 1 passive; the initial value is undocumented; with an operator's NAT
     * only 1 can work.
     */
    MODE: "1",
    TYPE: "I",
    PUTOPT: "STOR",
    REST: "0",
    GETNAME: "",
    GETPATH: "",
    PUTNAME: "",
    PUTPATH: "",
    TIMEOUT: "75",
}

export type FtpTag = keyof typeof factoryFtpSettings
export const ftpTags = Object.keys(factoryFtpSettings) as FtpTag[]
export type FtpSettings = Record<FtpTag, string>
