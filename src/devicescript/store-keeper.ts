/**
 * Keeps full pages of a store in the microcontroller's settings, which survive a
 * restart.
 */
import * as ds from "@devicescript/core"
import { settings } from "@devicescript/settings"
import { Kind } from "../core/arguments"
import type { Page, Store } from "../protocols/store"
import { bad, check } from "./arguments"

/** characters of a setting's name, of which two are the number */
const LONGEST_NAME = 11
/** a setting is written to flash in a packet of 236 bytes, after its name and a number */
const LONGEST_PAGE = 210
const MOST_PAGES = 64
/** bytes of the number before the page */
const NUMBER = 4

/** Reads a setting. */
async function read(name: string): Promise<Buffer> {
    const report = await ds.actionReport(
        settings,
        "get",
        async () => await settings.get(name),
        each => each.decode()[0] === name
    )
    return report.decode()[1] as Buffer
}

/**
 * Keeps full pages of a `Store` that could not be sent. Nothing is written while
 * sending works; a kept page is written once, and deleted once.
 *
 * ```ts
 * const store = new Store(200, 10)
 * const keeper = new StoreKeeper(store, "wait", 10)
 * await keeper.restore()
 * ```
 * @devsWhenUsed
 */
export class StoreKeeper {
    private readonly store: Store
    private readonly name: string
    /** the page of each setting */
    private readonly kept: Page[]
    private readonly most: number
    /** number of the next page, which keeps their order */
    private number = 0

    /**
     * @param store its pages have 210 bytes or less
     * @param name of its settings, up to 11 characters, followed by a number
     * @param most most pages to keep, 1–64: as many as the store has
     */
    constructor(store: Store, name: string, most: number) {
        check("name", Kind.Text, name, 1, LONGEST_NAME)
        check("most", Kind.Whole, most, 1, MOST_PAGES)
        this.store = store
        this.name = name
        this.most = most
        this.kept = []
    }

    /** Puts the kept pages into the store; call it before any other `put()`. */
    async restore(): Promise<void> {
        const pages: Page[] = []
        const numbers: number[] = []
        for (let slot = 0; slot < this.most; slot++) {
            this.kept.push(undefined)
            const value = await read(this.name + slot)
            if (!value || value.length <= NUMBER) continue
            const number = value.getAt(0, "u32")
            const page = { text: value.slice(NUMBER).toString() }
            this.kept[slot] = page
            let at = pages.length
            for (; at > 0 && numbers[at - 1] > number; at--) {
                pages[at] = pages[at - 1]
                numbers[at] = numbers[at - 1]
            }
            pages[at] = page
            numbers[at] = number
            if (this.number <= number) this.number = number + 1
        }
        for (const page of pages) this.store.putPage(page)
    }

    /**
     * Writes the waiting full pages, and deletes those that were dropped from the
     * store: call it after a failure to send, and after each dropped page.
     */
    async save(): Promise<void> {
        const { store, kept } = this
        const { pages } = store
        for (let slot = 0; slot < kept.length; slot++)
            if (kept[slot] && pages.indexOf(kept[slot]) < 0) {
                kept[slot] = undefined
                await settings.delete(this.name + slot)
            }
        // more may come while it is written
        for (let i = 0; i < pages.length - 1; i++) {
            const page = pages[i]
            const slot = kept.indexOf(undefined)
            if (slot < 0 || kept.indexOf(page) >= 0) continue
            const text = Buffer.from(page.text)
            if (text.length > LONGEST_PAGE)
                throw bad("store", `a page has more than ${LONGEST_PAGE} bytes`)
            kept[slot] = page
            const number = Buffer.alloc(NUMBER)
            number.setAt(0, "u32", this.number++)
            await settings.set(this.name + slot, number.concat(text))
        }
    }
}
