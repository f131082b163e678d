/**
 * Meaning and remedy of a failure, for the message of its error. Without this file an
 * error has its number, the attempted action and the modem's words; SIM800.md has the
 * sentences.
 */
import { sentence } from "../core/errors"
import { explained } from "./errors"

explained(sentence)
