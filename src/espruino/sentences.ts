/**
 * What a failure means and what to do about it, in the message of its error. Without
 * this file an error has its number, what was to be done and the modem's own words;
 * SIM800.md has the sentences.
 */
import { sentence } from "../core/errors"
import { explained } from "./errors"

explained(sentence)
