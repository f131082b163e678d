/**
 * A store that is kept across restarts of the microcontroller: at the first start lines
 * wait, at the second they are sent. Prints "RESULT …".
 */
import * as ds from "@devicescript/core"
import { Store, StoreKeeper } from "../../../src/index"

const LINE = "reading "
/** pages of four lines */
const store = new Store(50, 4)
const keeper = new StoreKeeper(store, "wait", 4)

/** Which lines wait: the number of the first one in each page, and how many there are. */
function show(what: string) {
    let all = ""
    for (const page of store.pages) {
        const lines = page.text.split("\n")
        all += ` ${lines[0].slice(LINE.length)}+${lines.length - 1}`
    }
    console.log(`RESULT ${what}:${all}, ${store.lost} lost`)
}

/** Sends all that waits. */
async function send() {
    for (let page = store.first(); page; page = store.first()) {
        store.drop()
        await keeper.save()
    }
}

await keeper.restore()
show("restored")
if (store.pages.length === 0) {
    for (let i = 0; i < 10; i++) {
        store.put(`${LINE}${i}`)
        await send()
    }
    console.log("SENT")
    await ds.sleep(200)
    for (let i = 100; i < 125; i++) {
        store.put(`${LINE}${i}`)
        await keeper.save()
    }
} else {
    store.put(`${LINE}200`)
    show("and more")
    await send()
}
show("left")
await ds.sleep(200)
console.log("RESULT end")
