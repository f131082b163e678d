import type { ShortMessage } from "./tpdu"

/** States of a message in AT+CMGL and AT+CMGR, by their number in PDU mode. */
export const messageStatuses = [
    "REC UNREAD",
    "REC READ",
    "STO UNSENT",
    "STO SENT",
] as const

export type MessageStatus = (typeof messageStatuses)[number]

export interface StoredMessage {
    readonly message: ShortMessage
    status: MessageStatus
}

/** The messages in one memory, by index from 1 on. */
export class MessageStore {
    /** As far as there has ever been one. */
    private readonly slots: (StoredMessage | undefined)[] = []

    /** @throws RangeError unless the capacity is 1 to 255 */
    constructor(readonly capacity: number) {
        if (!Number.isInteger(capacity) || capacity < 1 || capacity > 255)
            throw new RangeError(
                `messageCapacity is ${capacity}; a memory has room for 1 to 255 messages`
            )
    }

    get used(): number {
        return this.entries().length
    }

    get isFull(): boolean {
        return this.used === this.capacity
    }

    /** @returns the index it has got; the store must not be full */
    add(message: StoredMessage): number {
        const free = this.slots.indexOf(undefined)
        const at = free < 0 ? this.slots.length : free
        this.slots[at] = message
        return at + 1
    }

    /** Whether there can be a message of this index. */
    has(index: number): boolean {
        return index >= 1 && index <= this.capacity
    }

    at(index: number): StoredMessage | undefined {
        return this.slots[index - 1]
    }

    remove(index: number): void {
        if (index <= this.slots.length) this.slots[index - 1] = undefined
    }

    /** The messages there are, with their indices, in order. */
    entries(): { index: number; stored: StoredMessage }[] {
        return this.slots.flatMap((stored, i) =>
            stored === undefined ? [] : [{ index: i + 1, stored }]
        )
    }
}

/** `<mem>` of AT+CPMS, in the order of its test form [REAL]. */
export const memoryNames = ["SM", "ME", "SM_P", "ME_P", "MT"] as const

export type MemoryName = (typeof memoryNames)[number]

/** Where a message lies, as `+CMTI` says it. */
export interface Place {
    readonly memory: "SM" | "ME"
    readonly index: number
    /** The index by which the memory that AT+CPMS names has it. */
    readonly here: number
}

/**
 * The memories as AT+CPMS names them ([ATM] 4.2.9): the SIM card's, the
 * module's own, and both, the card's indices first.
 */
export class MessageMemory {
    private readonly read: readonly MessageStore[]

    constructor(
        readonly name: MemoryName,
        private readonly card: MessageStore,
        private readonly module: MessageStore,
        /** If the preferred memory is full, messages go to the other one. */
        private readonly overflows: boolean
    ) {
        this.read =
            name === "MT"
                ? [card, module]
                : [name === "SM" || name === "SM_P" ? card : module]
    }

    get used(): number {
        return this.read.reduce((sum, { used }) => sum + used, 0)
    }

    get capacity(): number {
        return this.read.reduce((sum, { capacity }) => sum + capacity, 0)
    }

    /** Whether there can be a message of this index. */
    has(index: number): boolean {
        return index >= 1 && index <= this.capacity
    }

    at(index: number): StoredMessage | undefined {
        const [store, own] = this.locate(index)
        return store.at(own)
    }

    remove(index: number): void {
        const [store, own] = this.locate(index)
        store.remove(own)
    }

    entries(): { index: number; stored: StoredMessage }[] {
        let first = 0
        return this.read.flatMap(store => {
            const before = first
            first += store.capacity
            return store
                .entries()
                .map(({ index, stored }) => ({ index: index + before, stored }))
        })
    }

    /** @returns where it is now, or undefined if there is no room */
    add(message: StoredMessage): Place | undefined {
        const { card, module, read } = this
        const other = read[0] === card ? module : card
        const isPreferred = this.name === "SM_P" || this.name === "ME_P"
        const allowed = isPreferred && this.overflows ? [...read, other] : read
        const store = allowed.find(({ isFull }) => !isFull)
        if (store === undefined) return undefined
        const index = store.add(message)
        const before = store === read[0] ? 0 : read[0].capacity
        return {
            memory: store === card ? "SM" : "ME",
            index,
            here: before + index,
        }
    }

    /** The index within one store. */
    private locate(index: number): [MessageStore, number] {
        const [first, second] = this.read
        return index <= first.capacity || second === undefined
            ? [first, index]
            : [second, index - first.capacity]
    }
}
