import { InvalidArgumentError } from "commander"

/** For options that are a whole number. */
export function wholeNumber(lowest: number, highest: number) {
    return (text: string): number => {
        const value = Number(text)
        if (
            text.trim() === "" ||
            !Number.isInteger(value) ||
            value < lowest ||
            value > highest
        )
            throw new InvalidArgumentError(
                `It is a whole number from ${lowest} to ${highest}.`
            )
        return value
    }
}
