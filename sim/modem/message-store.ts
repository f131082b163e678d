import type { Message } from "./message"

/** What AT+CMGL and AT+CMGR call the state of a message, by its number in PDU mode. */
export const messageStatuses = [
    "REC UNREAD",
    "REC READ",
    "STO UNSENT",
    "STO SENT",
] as const

export type MessageStatus = (typeof messageStatuses)[number]

export interface StoredMessage {
    readonly message: Message
    status: MessageStatus
}

/** The messages on a SIM card, by index from 1 on. */
export class MessageStore {
    private readonly slots: (StoredMessage | undefined)[]

    /** @throws RangeError unless the capacity is 1 to 255 */
    constructor(readonly capacity: number) {
        if (!Number.isInteger(capacity) || capacity < 1 || capacity > 255)
            throw new RangeError(
                `messageCapacity is ${capacity}; a SIM card has room for 1 to 255 messages`
            )
        this.slots = Array<undefined>(capacity).fill(undefined)
    }

    get used(): number {
        return this.entries().length
    }

    get isFull(): boolean {
        return this.used === this.capacity
    }

    /** @returns the index it has got; the store must not be full */
    add(message: Message): number {
        const at = this.slots.indexOf(undefined)
        this.slots[at] = { message, status: "REC UNREAD" }
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
        this.slots[index - 1] = undefined
    }

    /** The messages there are, with their indices, in order. */
    entries(): { index: number; stored: StoredMessage }[] {
        return this.slots.flatMap((stored, i) =>
            stored === undefined ? [] : [{ index: i + 1, stored }]
        )
    }
}
