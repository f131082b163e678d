import type { SelfTestResult, SelfTestStep } from "../selftest"

const NAME_WIDTH = 12

function padded(text: string, width: number): string {
    while (text.length < width) text += " "
    return text
}

/** `FAIL  6 DCD          high, even with AT&C0: check the wire …` */
export function line(step: SelfTestStep): string {
    const number = step.number < 10 ? ` ${step.number}` : `${step.number}`
    const hint = step.hint ? `: ${step.hint}` : ""
    return `${step.verdict} ${number} ${padded(step.name, NAME_WIDTH)} ${step.seen}${hint}`
}

export function summary(result: SelfTestResult): string {
    const { steps, passed, ms } = result
    let failed = ""
    let skipped = 0
    let fine = 0
    for (const step of steps) {
        if (step.verdict === "FAIL") failed += ` ${step.number} ${step.name}`
        else if (step.verdict === "SKIP") skipped++
        else fine++
    }
    const verdict = passed ? "PASSED" : `FAILED at${failed}`
    return `${verdict}: ${fine} of ${steps.length} steps passed, ${skipped} left out, in ${Math.round(ms / 100) / 10} s`
}

/** TAP version 14 (testanything.org): a test point, with what was seen as YAML. */
export function tap(step: SelfTestStep): string[] {
    const { number, name, verdict, seen, hint, ms } = step
    const ok = verdict === "FAIL" ? "not ok" : "ok"
    if (verdict === "SKIP") return [`${ok} ${number} - ${name} # SKIP ${seen}`]
    const lines = [
        `${ok} ${number} - ${name}`,
        "  ---",
        `  seen: ${JSON.stringify(seen)}`,
    ]
    if (hint) lines.push(`  hint: ${JSON.stringify(hint)}`)
    lines.push(`  ms: ${ms}`, "  ...")
    return lines
}
