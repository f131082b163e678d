import { Activation, type Gprs } from "./activation"
import type { Clock } from "./clock"
import type { OperatorOptions } from "./options"

/** `<Status>` of AT+SAPBR=2, [ATM] 9.2.1. */
export type BearerStatus = 0 | 1 | 3

/** `<ConParamTag>`, as AT+SAPBR=4 lists them, and their values at first. */
const factory = {
    CONTYPE: "GPRS",
    APN: "",
    PHONENUM: "",
    USER: "",
    PWD: "",
    RATE: "2",
}

export type BearerTag = keyof typeof factory
export const bearerTags = Object.keys(factory) as BearerTag[]

/** Longest values, [ATM] 9.2.1. */
export const longestValue: Readonly<Record<BearerTag, number>> = {
    CONTYPE: 4,
    APN: 64,
    PHONENUM: 32,
    USER: 32,
    PWD: 32,
    RATE: 5,
}

/** Allowed values of some parameters, [ATM] 9.2.1. */
export const allowedValues: Readonly<Partial<Record<BearerTag, RegExp>>> = {
    CONTYPE: /^(CSD|GPRS)$/i,
    RATE: /^[0-3]$/,
}

/** A bearer of the applications over IP, AT+SAPBR ([ATM] 9.2.1). Connections of AT+CIPSTART have nothing to do with it. */
export class ApplicationBearer {
    readonly settings: Record<BearerTag, string> = { ...factory }
    private state: BearerStatus = 3
    /** Users to notify when it goes down. */
    private readonly users = new Set<() => void>()
    private readonly opening: Activation

    constructor(
        clock: Clock,
        gprs: Gprs,
        private readonly operator: OperatorOptions
    ) {
        this.opening = new Activation(clock, gprs)
    }

    get status(): BearerStatus {
        return this.state
    }

    /** It would be a data call, and there are none. */
    get isCircuitSwitched(): boolean {
        return this.settings.CONTYPE.toUpperCase() === "CSD"
    }

    get address(): string {
        return this.state === 1 ? this.operator.bearerAddress : "0.0.0.0"
    }

    /** @param done called with whether it is up */
    open(ms: number, done: (up: boolean) => void): void {
        this.state = 0
        const { APN, USER, PWD } = this.settings
        this.opening.begin(
            ms,
            () => this.operator.acceptsContext(APN, USER, PWD),
            up => {
                this.state = up ? 1 : 3
                done(up)
            }
        )
    }

    /**
     * @param gone runs when the bearer goes down
     * @returns what makes it forget that
     */
    whenGone(gone: () => void): () => void {
        const user = (): void => gone()
        this.users.add(user)
        return () => void this.users.delete(user)
    }

    /** @returns whether it was up */
    close(): boolean {
        const wasUp = this.state === 1
        this.state = 3
        this.opening.cancel()?.(false)
        if (wasUp) for (const gone of [...this.users]) gone()
        return wasUp
    }
}
