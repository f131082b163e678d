/** A button for each action; a form where it takes values. */
import { ask } from "./events.js"

/**
 * @typedef {object} Parameter
 * @property {"text" | "number" | "choice"} kind
 * @property {string} summary
 * @property {string | number} [default]
 * @property {boolean} [optional]
 * @property {number} [lowest]
 * @property {number} [highest]
 * @property {number} [longest]
 * @property {boolean} [lines]
 * @property {string[]} [choices]
 *
 * @typedef {{ name: string, summary: string, key: string, parameters: Record<string, Parameter> }} Action
 */

export class Actions {
    /**
     * @param {HTMLElement} buttons
     * @param {HTMLElement} done
     */
    constructor(buttons, done) {
        this.buttons = buttons
        this.done = done
        /** @type {Action[]} */
        this.actions = []
        /** @type {HTMLFormElement | undefined} */
        this.form = undefined
    }

    /** @param {Action[]} actions */
    show(actions) {
        this.actions = actions
        if (actions.length === 0)
            this.done.textContent =
                "A real modem can be watched; messages and calls come over the air."
        this.buttons.replaceChildren(
            ...actions.map(action => this.button(action))
        )
    }

    /** @param {Action} action */
    button(action) {
        const button = document.createElement("button")
        button.type = "button"
        button.dataset.action = action.name
        button.title = action.summary
        const key = document.createElement("kbd")
        key.textContent = action.key
        button.append(action.name.replaceAll("-", " "), key)
        if (takesValues(action)) button.setAttribute("aria-expanded", "false")
        button.addEventListener("click", () => this.open(action, button))
        return button
    }

    /**
     * A key of the keyboard, the same as in the terminal: with the default
     * values, or in capitals with a form.
     * @param {string} key
     */
    key(key) {
        const action = this.actions.find(one => one.key === key.toLowerCase())
        if (!action) return false
        const needed = Object.values(action.parameters).some(
            ({ optional, default: value }) => !optional && value === undefined
        )
        const button = this.buttons.querySelector(
            `[data-action="${action.name}"]`
        )
        if (needed || key !== key.toLowerCase())
            this.open(action, /** @type {HTMLElement} */ (button))
        else void this.perform(action.name, {})
        return true
    }

    /**
     * @param {Action} action
     * @param {HTMLElement} button
     */
    open(action, button) {
        const isOpen = button.getAttribute("aria-expanded") === "true"
        this.close()
        if (!takesValues(action)) void this.perform(action.name, {})
        else if (!isOpen) {
            button.setAttribute("aria-expanded", "true")
            this.form = this.makeForm(action, button)
            button.after(this.form)
            /** @type {HTMLElement | null} */
            const field = this.form.querySelector("input, select, textarea")
            field?.focus()
        }
    }

    close() {
        this.form?.remove()
        this.form = undefined
        for (const button of this.buttons.querySelectorAll("[aria-expanded]"))
            button.setAttribute("aria-expanded", "false")
    }

    /**
     * @param {Action} action
     * @param {HTMLElement} button
     */
    makeForm(action, button) {
        const form = document.createElement("form")
        for (const [name, parameter] of Object.entries(action.parameters)) {
            const label = document.createElement("label")
            const field = makeField(parameter)
            field.name = name
            field.id = `${action.name}-${name}`
            field.title = parameter.summary
            label.htmlFor = field.id
            label.textContent = name
            form.append(label, field)
        }
        const foot = document.createElement("p")
        const send = document.createElement("button")
        send.type = "submit"
        send.textContent = "Do it"
        const note = document.createElement("span")
        note.className = "note"
        note.textContent = action.summary
        foot.append(send, note)
        form.append(foot)
        form.addEventListener("submit", event => {
            event.preventDefault()
            void this.perform(action.name, valuesOf(form, action))
        })
        form.addEventListener("keydown", event => {
            if (event.key !== "Escape") return
            this.close()
            button.focus()
        })
        return form
    }

    /**
     * @param {string} name
     * @param {Record<string, string | number>} values
     */
    async perform(name, values) {
        try {
            const { done } = await ask(`actions/${name}`, values)
            this.done.dataset.ok = "true"
            this.done.textContent = done
        } catch (error) {
            this.done.dataset.ok = "false"
            this.done.textContent = /** @type {Error} */ (error).message
        }
    }
}

/** @param {Action} action */
function takesValues({ parameters }) {
    return Object.keys(parameters).length > 0
}

/** @param {Parameter} parameter */
function makeField(parameter) {
    if (parameter.kind === "choice") {
        const select = document.createElement("select")
        for (const choice of parameter.choices ?? [])
            select.add(new Option(choice))
        if (parameter.default !== undefined)
            select.value = String(parameter.default)
        return select
    }
    if (parameter.lines) {
        const area = document.createElement("textarea")
        area.rows = 2
        area.maxLength = parameter.longest ?? 160
        area.value = String(parameter.default ?? "")
        return area
    }
    const input = document.createElement("input")
    input.value = String(parameter.default ?? "")
    if (parameter.kind === "number") {
        input.type = "number"
        input.min = String(parameter.lowest)
        input.max = String(parameter.highest)
        input.required = !parameter.optional
    } else input.maxLength = parameter.longest ?? 200
    return input
}

/**
 * @param {HTMLFormElement} form
 * @param {Action} action
 */
function valuesOf(form, action) {
    /** @type {Record<string, string | number>} */
    const values = {}
    const data = new FormData(form)
    for (const [name, { kind }] of Object.entries(action.parameters)) {
        const text = String(data.get(name) ?? "")
        if (kind === "number") {
            if (text !== "") values[name] = Number(text)
        } else values[name] = text
    }
    return values
}
