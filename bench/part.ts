/** A part of the bench, and its result. */

/** One figure. */
export interface Row {
    what: string
    value: number
    /** e.g. "calls", "byte/s", "% of the line" */
    unit: string
    /** the target as printed: "≤ 6" */
    target?: string
    /** whether the value meets the target */
    met?: boolean
}

export interface Options {
    /** print the components of the figures */
    detail: boolean
    /** shows a line besides the table, at once */
    print(line: string): void
}

/** `bench/NAME.ts` exports one of these as `part`. */
export interface Part {
    /** a heading for its table: the count and the case */
    title: string
    run(options: Options): Promise<Row[]>
    /** its table for the docs, if it is not just one line for each figure */
    markdown?(rows: Row[]): string
}

/** A figure that is only told. */
export function figure(what: string, value: number, unit: string): Row {
    return { what, value, unit }
}

export function atMost(
    what: string,
    value: number,
    unit: string,
    limit: number
): Row {
    return { what, value, unit, target: `≤ ${limit}`, met: value <= limit }
}

export function atLeast(
    what: string,
    value: number,
    unit: string,
    limit: number
): Row {
    return { what, value, unit, target: `≥ ${limit}`, met: value >= limit }
}
