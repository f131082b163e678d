/**
 * Certificates that lie in the modem's flash (SSL application note): a modem that
 * may have restarted is told to use them before anything is connected.
 */
import { Giver } from "./channel"
import { Command } from "./commands"
import { IDLE } from "./config"
import type { Feature } from "./feature"
import type { Modem } from "./modem"

enum Next {
    Client,
    Root,
    Nothing,
}

/** @devsWhenUsed */
export class Certificates implements Feature {
    work = false
    dueAt = 0
    readonly offline = false
    /** AT+SSLSETCERT as the modem has obeyed it; empty: it has none */
    client = ""
    /** AT+SSLSETROOT, likewise */
    root = ""

    private readonly modem: Modem
    private next = Next.Nothing

    constructor(modem: Modem) {
        this.modem = modem
        modem.features.list.push(this)
    }

    line(): boolean {
        return false
    }

    run(now: number): boolean {
        const modem = this.modem
        let text = ""
        this.dueAt = now + IDLE
        if (this.next === Next.Client) {
            text = this.client
            this.next = Next.Root
        }
        if (text === "" && this.next === Next.Root) {
            text = this.root
            this.next = Next.Nothing
        }
        this.work = text !== ""
        if (!this.work) {
            if (modem.features.exclusive === this) modem.features.claim(null)
            return false
        }
        modem.channel.begin(Command.Custom, Giver.Feature, now)
        modem.encoder.beginText(text)
        return true
    }

    /** If it was refused, the next handshake tells. */
    done() {}

    down() {
        this.next = Next.Client
        this.work = true
        this.modem.features.claim(this)
    }
}
