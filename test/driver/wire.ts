/** What is payload of what a modem with several connections says, as it crosses the line. */

const HEADER = /^\+(?:RECEIVE,(\d),(\d+)|CIPRXGET: 2,(\d),(\d+),\d+)/
const LF = 10

export class Wire {
    /** bytes that are no payload */
    overhead = 0
    /** told of the last byte of a payload: whose, and how much */
    onPayload: (id: number, length: number) => void = () => undefined
    private line = ""
    private id = 0
    private length = 0
    private left = 0

    take(bytes: Uint8Array): void {
        for (let i = 0; i < bytes.length; i++) {
            if (this.left > 0) {
                const n = Math.min(this.left, bytes.length - i)
                i += n - 1
                this.left -= n
                if (this.left === 0) this.onPayload(this.id, this.length)
                continue
            }
            this.overhead++
            if (bytes[i] !== LF) this.line += String.fromCharCode(bytes[i])
            else this.endLine()
        }
    }

    private endLine(): void {
        const header = HEADER.exec(this.line)
        this.line = ""
        if (!header) return
        this.id = Number(header[1] ?? header[3])
        this.length = this.left = Number(header[2] ?? header[4])
    }
}
