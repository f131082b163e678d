/**
 * The PDP contexts of 27.007 ([ATM] 7.2): defined by AT+CGDCONT, brought up by
 * AT+CGACT. Connections of AT+CIPSTART and bearers of AT+SAPBR have their own contexts.
 */
import { Activation, type Gprs } from "./activation"
import type { Clock } from "./clock"
import type { OperatorOptions } from "./options"
import { choice, type SettingData } from "./setting"

/** AT+CGEREP: `+CGEV` tells that contexts go down, and that the module is detached. */
export const eventReporting: SettingData = {
    name: "+CGEREP",
    values: [choice([0, 1])],
    saved: "no",
}

/** A definition of AT+CGDCONT; requested addresses are not assigned. */
export interface ContextDefinition {
    readonly apn: string
    readonly address: string
}

/** Definitions by cid, kept without power. */
export type ContextDefinitions = Partial<Record<number, ContextDefinition>>

/** `<cid>` of AT+CGDCONT, [ATM] 7.2.3. */
export const CONTEXT_IDS = [1, 2, 3] as const
export type ContextId = (typeof CONTEXT_IDS)[number]

/** The first one is there from the factory, with the access point of the subscription. */
export const factoryDefinitions: ContextDefinitions = {
    1: { apn: "", address: "0.0.0.0" },
}

export class GprsContexts {
    private readonly active = new Set<ContextId>()
    private readonly activations: Record<ContextId, Activation>

    constructor(
        clock: Clock,
        gprs: Gprs,
        private readonly operator: OperatorOptions,
        private readonly definitions: ContextDefinitions
    ) {
        const activation = (): Activation => new Activation(clock, gprs)
        this.activations = {
            1: activation(),
            2: activation(),
            3: activation(),
        }
    }

    /** The contexts that are defined. */
    get defined(): ContextId[] {
        return CONTEXT_IDS.filter(id => this.definitions[id] !== undefined)
    }

    definition(id: ContextId): ContextDefinition | undefined {
        return this.definitions[id]
    }

    /** @param definition undefined to take it away */
    define(id: ContextId, definition: ContextDefinition | undefined): void {
        if (definition === undefined) delete this.definitions[id]
        else this.definitions[id] = definition
    }

    isActive(id: ContextId): boolean {
        return this.active.has(id)
    }

    /** AT+CGPADDR. */
    address(id: ContextId): string {
        return this.isActive(id)
            ? this.operator.contextAddresses[id - 1]
            : "0.0.0.0"
    }

    /** AT+CGACT=1. @param done called with whether it is up */
    activate(id: ContextId, ms: number, done: (up: boolean) => void): void {
        const { apn = "" } = this.definitions[id] ?? {}
        this.activations[id].begin(
            ms,
            () => this.operator.acceptsContext(apn, "", ""),
            up => {
                if (up) this.active.add(id)
                done(up)
            }
        )
    }

    /** AT+CGACT=0. */
    deactivate(id: ContextId): void {
        this.active.delete(id)
        this.activations[id].cancel()?.(false)
    }

    /**
     * GPRS is gone, and with it all contexts.
     * @returns what `+CGEV` says of each that was up: `"IP","10.33.82.16",1`
     */
    deactivateAll(): string[] {
        const gone = CONTEXT_IDS.filter(id => this.isActive(id)).map(
            id => `"IP","${this.address(id)}",${id}`
        )
        for (const id of CONTEXT_IDS) this.deactivate(id)
        return gone
    }
}
