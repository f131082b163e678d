/** A function for each way to allocate, and some that do not. Never run. */
class Thing {
    field = 0
    method(_n: number) {
        return this.field
    }
}

function object() {
    return { a: 1 }
}
function array(n: number) {
    return [n]
}
function instance() {
    return new Thing()
}
function closure(n: number) {
    return () => n
}
function formatted(n: number) {
    return `n is ${n}`
}
function text(a: string) {
    return a + " and more"
}
function buffer(n: number) {
    return Buffer.alloc(n)
}
function sliced(buf: Buffer) {
    return buf.slice(1)
}
function decoded(buf: Buffer) {
    return buf.toString()
}
function inVariable(buf: Buffer, n: number) {
    // the native is put into a variable before its arguments are known
    return buf.toString(n > 1 ? "hex" : "utf-8")
}

function cleanNumbers(thing: Thing, n: number) {
    thing.field += n * 1.5
    return thing.method(n > 1 ? n : thing.field)
}
function cleanBytes(buf: Buffer, n: number) {
    buf.blitAt(0, buf, n, n)
    buf.fillAt(0, n, 0)
    return buf.indexOf(10, 0, n) + buf.getAt(0, "u16") + buf[n]
}

const buf = Buffer.alloc(16)
object()
array(1)
instance()
closure(1)()
formatted(1)
text("a")
buffer(1)
sliced(buf)
decoded(buf)
inVariable(buf, 1)
cleanNumbers(new Thing(), 1)
cleanBytes(buf, 1)
