/** A program that never pauses, for test/e2e/start.test.ts. */
console.log("before the loop")
let turns = 0
while (turns >= 0) turns++
