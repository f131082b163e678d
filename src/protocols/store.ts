/**
 * Store and forward: lines that wait to be sent, in pages, the oldest first. It never
 * waits, and has room for a fixed number of pages. A page that has been taken from it,
 * and not dropped, is given again: a line arrives once or more.
 */

/** Lines, each with LF behind it. */
export interface Page {
    text: string
}

/** @devsWhenUsed */
export class Store {
    /** lines for which there was no room: the oldest go first */
    lost = 0
    /** pages that wait, the oldest first; the last may still be filled */
    readonly pages: Page[]
    private readonly size: number
    private readonly most: number
    /** the last page is full, or has been given to be sent */
    private sealed = true

    /**
     * @param size characters of a page: what is sent at a time
     * @param most pages, 2 or more
     */
    constructor(size: number, most: number) {
        // one is being sent
        if (!(size > 0 && most > 1))
            throw new RangeError("a size and two pages or more are expected")
        this.pages = []
        this.size = size
        this.most = most
    }

    /**
     * Adds a line. Without room the oldest page goes, but for the one that is
     * being sent, and its lines are counted in `lost`.
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

    /** Puts a page that was kept elsewhere behind those that wait. */
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

    /** The oldest page, to be sent; "": there is nothing. */
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
