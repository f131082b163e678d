import { SocketDoor, type Session, type SocketDoorOptions } from "./socket-door"

/**
 * A TCP port of this machine that any AT program can talk to as if it were the
 * modem's UART. TCP has no baud rate, so the door's own UART follows the
 * modem's, and no lines: DTR stays high.
 */
export class TcpDoor extends SocketDoor {
    /** Rejects with the error of `listen` if the port cannot be had. */
    static async open(options: SocketDoorOptions): Promise<TcpDoor> {
        const server = await SocketDoor.listen(options.port)
        return new TcpDoor(server, options, () => PLAIN)
    }
}

/** Bytes as they are. */
const PLAIN: Session = {
    decode: bytes => bytes,
    encode: bytes => bytes,
    end: () => undefined,
}
