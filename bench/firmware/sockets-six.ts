import { heapWith } from "./sockets"

await heapWith(6)
