/** The report of a comparison, which its reader can send to others: Markdown. */
import { chapterState, type Comparison, type Compared } from "./comparison"

/** Times below are not worth a line, ms. */
const NOTICEABLE = 300

export interface ReportHead {
    /** e.g. `a serial port, with DTR, RTS and CTS` */
    readonly way: string
    /** version of the virtual modem */
    readonly version: string
    readonly date: string
}

export function reportOf(
    { build, chapters, builds }: Comparison,
    { way, version, date }: ReportHead
): string {
    const typed = chapters.flatMap(({ steps }) => steps)
    const unsolicited = typed.flatMap(({ real }) => real.unsolicited)
    return [
        "# A modem, compared with the virtual SIM800",
        "",
        `- modem: ${identity(chapters)}, behind ${way}`,
        `- virtual-sim800 ${version}, as ${build}`,
        `- ${date}`,
        `- ${typed.length} answers, ${typed.filter(({ difference }) => difference === "same").length} the same`,
        `- said unasked: ${unsolicited.length === 0 ? "nothing" : counted(unsolicited)}`,
        "",
        "Addresses, numbers of device and card, names of network, access point and server are left out.",
        "",
        "| chapter | |",
        "| --- | --- |",
        ...chapters.map(
            chapter => `| ${chapter.name} | ${chapterState(chapter)} |`
        ),
        "",
        "| firmware build | answers that differ |",
        "| --- | --- |",
        ...Object.entries(builds).map(
            ([name, count]) => `| ${name} | ${count} |`
        ),
        "",
        ...chapters.flatMap(details),
        ...times(chapters),
    ].join("\n")
}

/** The module's identity. */
function identity(chapters: readonly Compared[]): string {
    const said = chapters.flatMap(({ steps }) => steps.map(({ real }) => real))
    const told = ["ATI␍", "AT+CGMM␍", "AT+CGMR␍"].map(line => {
        const answer = said.find(one => one.line === line)?.text ?? ""
        return /⏎([^⏎]+)⏎⏎OK⏎$/.exec(answer)?.[1]
    })
    return told.filter(Boolean).join(", ") || "it does not say which"
}

function counted(names: readonly string[]): string {
    return [...new Set(names)]
        .map(name => `${name} ×${names.filter(one => one === name).length}`)
        .join(", ")
}

function details(chapter: Compared): string[] {
    const differing = chapter.steps.filter(
        ({ difference }) => difference !== "same"
    )
    if (differing.length === 0) return []
    return [
        `## ${chapter.name}`,
        "",
        "```",
        ...differing.flatMap(({ real, virtual, difference }) => [
            `> ${real.line}`,
            `modem    ${real.text}`,
            `virtual  ${virtual ? virtual.text : "(did not come so far)"}`,
            `         ${difference}`,
        ]),
        "```",
        "",
    ]
}

/** Each line once, with its shortest and its longest time. */
function times(chapters: readonly Compared[]): string[] {
    const ended = chapters
        .flatMap(({ steps }) => steps)
        .filter(({ real }) => real.ended)
    const lines = ended
        .filter(({ real }) => real.ms >= NOTICEABLE)
        .map(({ real }) => real.line)
    if (lines.length === 0) return []
    return [
        "## Times",
        "",
        "| line | modem, s | virtual, s |",
        "| --- | --- | --- |",
        ...[...new Set(lines)].map(line => {
            const same = ended.filter(({ real }) => real.line === line)
            const real = range(same.map(({ real }) => real.ms))
            const virtual = range(
                same.flatMap(({ virtual }) => (virtual ? [virtual.ms] : []))
            )
            return `| \`${line}\` | ${real} | ${virtual} |`
        }),
        "",
    ]
}

function range(times: readonly number[]): string {
    const [least, most] = [Math.min(...times), Math.max(...times)].map(ms =>
        (ms / 1000).toFixed(1)
    )
    if (times.length === 0) return ""
    return least === most ? least : `${least}–${most}`
}
