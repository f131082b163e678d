/** AT+HTTPPARA. */

/** `<HTTPParamTag>` and its value at first ([ATM12] 11.2.3). */
export const factoryHttpSettings = {
    CID: "",
    URL: "",
    UA: "SIMCom_MODULE",
    PROIP: "0.0.0.0",
    PROPORT: "0",
    REDIR: "0",
    BREAK: "0",
    BREAKEND: "0",
    TIMEOUT: "120",
    CONTENT: "",
    USERDATA: "",
}

export type HttpTag = keyof typeof factoryHttpSettings
export const httpTags = Object.keys(factoryHttpSettings) as HttpTag[]
export type HttpSettings = Record<HttpTag, string>
