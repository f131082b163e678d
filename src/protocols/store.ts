/**
 * Store and forward: lines that wait to be sent, in pages, the oldest first. It never
 * waits, and has room for a fixed number of pages. A page is returned again until it is
 * dropped: a line arrives once or more.
 */

/** Lines, each followed by LF. */
export interface Page {
    text: string
}

/** @devsWhenUsed */
export class Store {
    /** lines dropped for want of room, the oldest first */
    lost = 0
    /** pages that wait, the oldest first; the last may still be filled */
    readonly pages: Page[]
    private readonly size: number
    private readonly most: number
    /** the last page is full, or is being sent */
    private sealed = true

    /**
     * @param size characters of a page, which is sent at a time
     * @param most pages, 2 or more
     */
    constructor(size: number, most: number) {
        // one of two is being sent
        if (!(size > 0 && most > 1))
            throw new RangeError("a size and two pages or more are expected")
        this.pages = []
        this.size = size
        this.most = most
    }

    /**
     * Adds a line. If there is no room, the oldest page that is not being sent is
     * dropped, and its lines are counted in `lost`.
     */
    put(line: string) {
        const pages = this.pages
        const text = line + "\n"
        if (!this.sealed) {
            const page = pages[pages.length - 1]
            if (page.text.length + text.length <= this.size) {
                page.text += text
                return
            }
        }
        if (pages.length >= this.most) this.lose()
        pages.push({ text })
        this.sealed = false
    }

    /** Adds a page that was kept elsewhere after the waiting ones. */
    putPage(page: Page) {
        this.pages.push(page)
        this.sealed = true
    }

    private lose() {
        const pages = this.pages
        const text = pages[1].text
        for (let i = 0; i < text.length; i++) if (text[i] === "\n") this.lost++
        for (let i = 2; i < pages.length; i++) pages[i - 1] = pages[i]
        pages.pop()
    }

    /** The oldest page, to be sent; "" if there is none. */
    first(): string {
        if (this.pages.length === 0) return ""
        if (this.pages.length === 1) this.sealed = true
        return this.pages[0].text
    }

    /** The oldest page has arrived. */
    drop() {
        const pages = this.pages
        for (let i = 1; i < pages.length; i++) pages[i - 1] = pages[i]
        pages.pop()
        if (pages.length === 0) this.sealed = true
    }
}
