/** Free heap of a program that does nothing else. */
import { sumOfBlocks } from "./gauge"

sumOfBlocks()
