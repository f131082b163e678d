/**
 * For TypeDoc: a page is called what its first heading says, not what its file is
 * called.
 */
const HEADING = /^# (.+)\n/m

/** @param {import("typedoc").Application} app */
export function load(app) {
    app.converter.on("createDocument", (_, document) => {
        const part = document.content.find(
            ({ kind, text }) => kind === "text" && HEADING.test(text)
        )
        if (part) document.name = HEADING.exec(part.text)[1]
    })
}
