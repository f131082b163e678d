/**
 * The part of Espruino that the module uses, and the core's `Buffer` for the compiler:
 * `espruino/buffers.ts` replaces it by Uint8Array.
 */

type Pin = number & { readonly pin: unique symbol }

/** Its UART: `Serial1` to `Serial3`, or one in software. */
interface Serial {
    setup(baud: number, options?: object): void
    write(data: string | Uint8Array): void
    on(event: "data", heard: (data: string) => void): void
    removeListener(event: "data", heard: (data: string) => void): void
    unsetup?(): void
}

interface WatchEvent {
    readonly state: boolean
    readonly time: number
    readonly lastTime: number
}

interface Emitter {
    emit(event: string, ...args: unknown[]): void
    on(event: string, heard: (...args: never[]) => void): void
    removeListener(event: string, heard: (...args: never[]) => void): void
}

interface Uint8Array extends Buffer {
    set(from: ArrayLike<number> | string, at?: number): void
}

interface Buffer {
    readonly length: number
    [at: number]: number
    blitAt(at: number, src: Buffer | string, from: number, len: number): void
    fillAt(at: number, len: number, value: number): void
    getAt(at: number, format: string): number
    setAt(at: number, format: string, value: number): void
    indexOf(byte: number, from?: number, to?: number): number
    toString(): string
}

declare const Buffer: {
    new (length: number): Buffer
    alloc(length: number): Buffer
    from(bytes: number[] | string): Buffer
}

declare const E: {
    toString(bytes: Buffer | string): string
    toUint8Array(data: unknown): Uint8Array
    getErrorFlags(): string[]
    CRC32(bytes: Uint8Array): number
    pipe?(source: object, destination: object, options?: object): void
}

declare const process: {
    memory(collect?: boolean): {
        readonly usage: number
        readonly total: number
        readonly rx?: { readonly total: number }
    }
    readonly env: { readonly MODULES?: string }
}

/** `require()`, under a name that the bundler does not change. */
declare function requireModule(name: string): never
/**
 * The module was built with `@lean`: it relies on the modem's defaults
 * (`espruino/never.ts`).
 */
declare const LEAN: boolean
declare function getTime(): number
declare function setTimeout(f: () => void, ms: number): number
declare function clearTimeout(timer: number): void
declare function setWatch(
    f: (e: WatchEvent) => void,
    pin: Pin,
    options: {
        readonly edge: "both" | "rising" | "falling"
        readonly repeat: boolean
    }
): number
declare function clearWatch(watch: number): void
declare function pinMode(pin: Pin, mode: string): void
declare function digitalWrite(pin: Pin, value: number | boolean): void
declare function digitalRead(pin: Pin): number
declare function print(...values: unknown[]): void

/** `src/selftest.ts`, which is checked with DeviceScript's own types. */
declare module "selftest" {
    export function selfTest(options: object): Promise<object>
}
