/**
 * Certificates in the modem's flash (SSL application note): after a possible restart,
 * the modem is told to use them before any connection is opened.
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
    /** the last AT+SSLSETCERT that succeeded; "" if none */
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

    /** A refusal shows in the next handshake. */
    done() {}

    down() {
        this.next = Next.Client
        this.work = true
        this.modem.features.claim(this)
    }
}
