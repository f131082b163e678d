import { upload } from "./calls"
import { inlined } from "./bytecode"
for (const p of ["bench/firmware/telemetry.ts"]) {
const gone = await inlined(p)
const up = await upload()
console.log(p, up.calls.filter(c => !gone.has(`${c.file}:${c.name}`)).reduce((s,c)=>s+c.count,0)/up.segments)
}
