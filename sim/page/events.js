/** The event stream, and requests to the control port. */

/**
 * @param {string} path
 * @param {unknown} [body]
 * @returns {Promise<any>}
 */
export async function ask(path, body) {
    const response = await fetch(
        `/api/${path}`,
        body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }
    )
    const answer = await response.json()
    if (!response.ok) throw new Error(answer.error)
    return answer
}

/**
 * @param {object} told
 * @param {(event: any) => void} told.event
 * @param {(count: number) => void} told.missed
 * @param {(live: boolean) => void} told.live
 */
export function listen({ event, missed, live }) {
    const stream = new EventSource("/api/events")
    stream.onmessage = ({ data }) => event(JSON.parse(data))
    stream.addEventListener("missed", ({ data }) => missed(Number(data)))
    stream.onopen = () => live(true)
    stream.onerror = () => live(false)
}
