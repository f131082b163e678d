/**
 * The module on the real interpreter, if there is one:
 * `ESPRUINO=path npx vitest run test/espruino/interpreter.test.ts`.
 * docs/espruino.md tells how to get it.
 */
import net from "node:net"
import path from "node:path"
import { Aedes } from "aedes"
import { describe, expect, test } from "vitest"
import { HostNetwork } from "../../sim/host/network"
import { RealClock } from "../../sim/modem/clock"
import { MemoryNetwork, type MemoryPeer } from "../../sim/modem/memory-network"
import { espruinoDocs, interpreter, run } from "./interpreter"

/** A page of a server: bytes whose order can be told. */
function page(length: number): string {
    let text = ""
    for (let i = 0; text.length < length; i++) text += `${i},`
    return text.slice(0, length)
}

/** A server that answers each request with a page of the length that its path says. */
function web(network: MemoryNetwork): void {
    network.name("web.test", "10.0.0.80")
    network.listen("10.0.0.80", 80, (peer: MemoryPeer) => {
        let asked = ""
        peer.onData = bytes => {
            asked += Buffer.from(bytes).toString("latin1")
            const match = /^GET \/(\d+) [^]*\r\n\r\n/.exec(asked)
            if (!match) return
            asked = ""
            peer.send(
                `HTTP/1.1 200 OK\r\nContent-Length: ${match[1]}\r\n\r\n${page(+match[1])}`
            )
            peer.end()
        }
    })
}

/** What each program begins with. On Linux, a watch keeps the interpreter as awake as a board is. */
const START = `
setWatch(function () {}, D1, { repeat: true });
var modem = SIM800.connect(Serial1, { apn: "internet", serial: { path: "PTY" } });
function failed(e) { print("FAILED", e.message || JSON.stringify(e)); quit(); }
// the numbers that the page has, across pieces
var rest = "", next = 0, got = 0;
function read(data) {
    got += data.length;
    rest += data;
    var parts = rest.split(",");
    rest = parts.pop();
    for (var i = 0; i < parts.length; i++) if (parts[i] != next++) failed({ message: "wrong at " + got });
}
`

describe.skipIf(interpreter === undefined)("on the interpreter", () => {
    test(
        "http.get of 1 MB is identical, and takes no memory",
        { timeout: 400_000 },
        async () => {
            const size = 1_000_000
            const network = new MemoryNetwork(new RealClock())
            web(network)
            const { passed, lines, values } = await run({
                network,
                timeout: 390_000,
                program: `${START}
                modem.start().then(function () {
                    modem.network();
                    var http = require("http"), least = 0, most = 0, began, last = 0;
                    http.get("http://web.test/${size}", function (response) {
                        began = getTime();
                        response.on("data", function (data) {
                            read(data);
                            if (got - last < 50000) return;
                            last = got;
                            var n = usage();
                            if (!least || n < least) least = n;
                            if (n > most) most = n;
                        });
                        response.on("close", function () {
                            print("bytes: " + got);
                            print("rate: " + Math.round(got / (getTime() - began)));
                            print("least: " + least);
                            print("most: " + most);
                            if (got === ${size}) pass(); else failed({ message: "incomplete" });
                        });
                    }).on("error", failed);
                }).catch(failed);
            `,
            })
            expect(passed, lines.join("\n")).toBe(true)
            expect(values["bytes"]).toBe(size)
            console.log(
                `variables: ${values["least"]} to ${values["most"]}, ${values["rate"]} bytes/s`
            )
            // what waits between the modem and the program differs
            expect(values["most"] - values["least"]).toBeLessThan(400)
        }
    )

    test("a download at 115200 baud", { timeout: 120_000 }, async () => {
        const size = 100_000
        const network = new MemoryNetwork(new RealClock())
        network.listen("10.0.0.9", 9, peer => peer.send(page(size)))
        const { passed, lines, values } = await run({
            network,
            timeout: 110_000,
            program: `${START}
                modem.start().then(function () {
                    var began, socket = modem.connect({ host: "10.0.0.9", port: 9 }, function () { began = getTime(); });
                    socket.on("data", function (data) {
                        read(data);
                        if (got < ${size}) return;
                        print("rate: " + Math.round(got / (getTime() - began)));
                        pass();
                    });
                    socket.on("error", failed);
                }).catch(failed);
            `,
        })
        expect(passed, lines.join("\n")).toBe(true)
        console.log(`download: ${values["rate"]} bytes/s`)
    })

    /** A broker on this machine, for as long as a test of it takes. */
    async function withBroker(
        use: (port: number, published: string[]) => Promise<void>
    ): Promise<void> {
        const broker = await Aedes.createBroker()
        const published: string[] = []
        broker.on("publish", ({ topic, payload }) =>
            published.push(`${topic} ${payload.toString()}`)
        )
        const server = net.createServer(broker.handle)
        await new Promise<void>(resolve =>
            server.listen(0, "127.0.0.1", resolve)
        )
        try {
            await use((server.address() as net.AddressInfo).port, published)
        } finally {
            server.close()
            broker.close()
        }
    }

    test(
        "net and MQTT: what is published comes back from a real broker",
        { timeout: 120_000 },
        async () => {
            await withBroker(async port => {
                const { passed, lines } = await run({
                    network: new HostNetwork(),
                    timeout: 110_000,
                    program: `${START}
                    // MQTT 3.1.1 by hand, over Espruino's own net
                    function text(s) { return String.fromCharCode(s.length >> 8, s.length & 255) + s; }
                    function packet(type, body) { return String.fromCharCode(type, body.length) + body; }
                    modem.start().then(function () {
                        modem.network();
                        var heard = "", socket = require("net").connect({ host: "127.0.0.1", port: ${port} }, function () {
                            socket.write(packet(0x10, text("MQTT") + "\\x04\\x02\\x00\\x3c" + text("espruino")));
                            socket.on("data", function (data) {
                                heard += data;
                                if (heard.charCodeAt(0) === 0x20) {
                                    heard = heard.substr(4);
                                    socket.write(packet(0x82, "\\0\\1" + text("a/b") + "\\0"));
                                } else if (heard.charCodeAt(0) === 0x90) {
                                    heard = heard.substr(5);
                                    socket.write(packet(0x30, text("a/b") + "over GPRS"));
                                } else if (heard.charCodeAt(0) === 0x30 && heard.substr(-9) === "over GPRS") {
                                    socket.end();
                                }
                            });
                            socket.on("close", pass);
                        });
                        socket.on("error", failed);
                    }).catch(failed);
                `,
                })
                expect(passed, lines.join("\n")).toBe(true)
            })
        }
    )

    // messages that fill several segments, and what Espruino's own modules make of them
    test.skipIf(espruinoDocs === undefined)(
        "MQTT.js of EspruinoDocs: subscribes, publishes, keeps alive, hears itself",
        { timeout: 120_000 },
        () =>
            withBroker(async (port, published) => {
                const { passed, lines } = await run({
                    network: new HostNetwork(),
                    timeout: 110_000,
                    modules: {
                        MQTT: path.join(
                            espruinoDocs as string,
                            "modules/MQTT.js"
                        ),
                    },
                    program: `${START}
                    modem.start().then(function () {
                        modem.network();
                        var mqtt = require("MQTT").create("127.0.0.1", { port: ${port}, client_id: "espruino", keep_alive: 10 });
                        var heard = 0, long = "";
                        while (long.length < 1800) long += "over GPRS ";
                        mqtt.on("connected", function () {
                            mqtt.subscribe("a/#");
                            setTimeout(function () {
                                mqtt.publish("a/short", "12.5");
                                mqtt.publish("a/long", long);
                            }, 500);
                            // two pings
                            setTimeout(function () {
                                if (heard === 2 && mqtt.connected) { mqtt.disconnect(); pass(); }
                                else failed({ message: "heard " + heard + ", connected " + mqtt.connected });
                            }, 15000);
                        });
                        mqtt.on("publish", function (m) {
                            if (m.topic === "a/short" ? m.message === "12.5" : m.message === long) heard++;
                            else failed({ message: "wrong: " + m.topic + " " + m.message.length });
                        });
                        mqtt.on("error", failed);
                        mqtt.connect();
                    }).catch(failed);
                `,
                })
                expect(passed, lines.join("\n")).toBe(true)
                expect(published).toContain("a/short 12.5")
            })
    )

    test.skipIf(espruinoDocs === undefined)(
        "tinyMQTT.js of EspruinoDocs: subscribes, publishes, hears itself",
        { timeout: 120_000 },
        () =>
            withBroker(async (port, published) => {
                const { passed, lines } = await run({
                    network: new HostNetwork(),
                    timeout: 110_000,
                    modules: {
                        tinyMQTT: path.join(
                            espruinoDocs as string,
                            "modules/tinyMQTT.js"
                        ),
                    },
                    program: `${START}
                    modem.start().then(function () {
                        modem.network();
                        var mqtt = require("tinyMQTT").create("127.0.0.1", { port: ${port} });
                        mqtt.on("connected", function () {
                            setTimeout(function () { mqtt.subscribe("a/b"); }, 500);
                            setTimeout(function () { mqtt.publish("a/b", "12.5"); }, 2000);
                        });
                        mqtt.on("message", function (m) {
                            if (m.topic === "a/b" && m.message === "12.5") pass();
                            else failed({ message: "wrong: " + JSON.stringify(m) });
                        });
                        mqtt.connect();
                    }).catch(failed);
                `,
                })
                expect(passed, lines.join("\n")).toBe(true)
                expect(published).toContain("a/b 12.5")
            })
    )

    test(
        "dgram: an answer says whom it is from",
        { timeout: 60_000 },
        async () => {
            const network = new MemoryNetwork(new RealClock())
            const peer = network.udp("10.0.0.8", 5353)
            peer.onDatagram = bytes =>
                peer.reply(`${Buffer.from(bytes).toString()}!`)
            const { passed, lines } = await run({
                network,
                timeout: 50_000,
                program: `${START}
                modem.start().then(function () {
                    modem.network();
                    var socket = require("dgram").createSocket("udp4");
                    socket.on("message", function (message, from) {
                        print(message, JSON.stringify(from));
                        if (message === "hello!" && from.address === "10.0.0.8" && from.port === 5353 && from.size === 6) pass();
                        else failed({ message: "wrong" });
                    });
                    socket.send("hello", 5353, "10.0.0.8");
                }).catch(failed);
            `,
            })
            expect(passed, lines.join("\n")).toBe(true)
        }
    )
})
