import { endure } from "./ordeal"
const o = JSON.parse(process.argv[2])
console.log(JSON.stringify(endure(o).wrong))
