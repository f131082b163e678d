/** What is left of the heap for a program that does nothing else. */
import { sumOfBlocks } from "./gauge"

sumOfBlocks()
