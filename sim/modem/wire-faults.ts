/** Faults of bytes on any wire, also a real modem's. */
import { concatenate } from "./bytes"
import type { ByteFilter, BytePipe } from "./uart"

/** Loses the next `count` bytes. */
export function dropBytes(filters: ByteFilter[], count: number): void {
    let left = count
    const filter: ByteFilter = bytes => {
        const lost = Math.min(left, bytes.length)
        left -= lost
        if (left === 0) remove(filters, filter)
        return bytes.subarray(lost)
    }
    if (count > 0) filters.push(filter)
}

/** Loses every `nth` byte. */
export function dropEach(filters: ByteFilter[], nth: number): void {
    let count = 0
    filters.push(bytes => bytes.filter(() => ++count % nth !== 0))
}

/** Drops some values, as unwanted software flow control does. */
export function dropValues(
    filters: ByteFilter[],
    ...values: readonly number[]
): void {
    filters.push(bytes => bytes.filter(byte => !values.includes(byte)))
}

/** Changes one value, always in the same bit. */
export function changeValue(
    filters: ByteFilter[],
    value: number,
    bit: number
): void {
    filters.push(bytes =>
        bytes.map(byte => (byte === value ? byte ^ bit : byte))
    )
}

/** Puts bytes before the next ones. */
export function addGarbage(filters: ByteFilter[], garbage: Uint8Array): void {
    const filter: ByteFilter = bytes => {
        remove(filters, filter)
        return concatenate(garbage, bytes)
    }
    filters.push(filter)
}

/** A byte pipe with filters on its output: use it instead of the pipe itself. */
export class FilteredPipe implements BytePipe {
    readonly filters: ByteFilter[] = []
    onData: (bytes: Uint8Array) => void = () => undefined

    constructor(private readonly pipe: BytePipe) {
        pipe.onData = bytes => {
            let left = bytes
            for (const filter of [...this.filters]) left = filter(left)
            if (left.length > 0) this.onData(left)
        }
    }

    write(bytes: Uint8Array): void {
        this.pipe.write(bytes)
    }
}

function remove(filters: ByteFilter[], filter: ByteFilter): void {
    const index = filters.indexOf(filter)
    if (index >= 0) filters.splice(index, 1)
}
