/**
 * What is wrong with the types of a program, for a process that compiles many: DeviceScript's
 * own files, and the library's, are part of each.
 */

/** What TypeScript knows of a program; see its `Program`. */
interface Checked {
    getSourceFiles(): readonly { fileName: string; text: string }[]
    getSemanticDiagnostics(file: unknown): readonly unknown[]
}

/** Files whose types are right, by name: what they were. */
const sound = new Map<string, string>()

/** What was right in one program is right in the next one, unless a file of both has changed. */
function semanticDiagnostics(program: Checked, main: string): unknown[] {
    const files = program.getSourceFiles()
    // nothing imports the program itself
    if (
        files.some(
            ({ fileName, text }) =>
                fileName !== main && (sound.get(fileName) ?? text) !== text
        )
    )
        sound.clear()
    return files.flatMap(file => {
        const { fileName, text } = file
        if (sound.get(fileName) === text) return []
        const found = program.getSemanticDiagnostics(file)
        if (found.length === 0) sound.set(fileName, text)
        return found
    })
}

/** Where the compiler asks for them, and who answers instead. */
const ASKED = "program2.getSemanticDiagnostics()"
const ANSWER = "semantic-diagnostics"

/** @returns the CLI's text, with types looked at once */
export function checkedOnce(text: string): string {
    Object.assign(globalThis, { [Symbol.for(ANSWER)]: semanticDiagnostics })
    return text.replaceAll(
        ASKED,
        `globalThis[Symbol.for("${ANSWER}")](program2, program2.getRootFileNames().at(-1))`
    )
}
