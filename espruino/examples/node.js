// A telemetry node: a reading every few seconds, over MQTT as it comes and over HTTP in
// batches; commands by MQTT and by short message, answered the way they came; the modem
// asleep in between. A reading that could not be sent waits.
//
// Commands are STATUS and INTERVAL with a number of seconds. One that comes by MQTT has a
// number in front, "17 INTERVAL 60", so that it is not done twice when the broker sends it
// again. The sockets are those of the modem, not of Espruino's network(), which is asked for
// data all the time.
var ID = "7",
    HOST = "web.example",
    BROKER = "broker.example",
    // who may send commands by short message
    OWNER = "+4915112345678";
var modem = require("SIM800").connect(Serial2, {
    apn: "internet",
    rx: D26,
    tx: D27,
    powerKey: D4,
    power: D23,
    reset: D5,
    dtr: D32,
    ri: D33,
    receiveBuffer: 512,
});
var sleep = modem.allowSleep({ idle: 500 });
var interval = 5,
    reading = 0,
    // the last command by MQTT, the last message, that was done
    done = 0,
    message = "";

function log(e) {
    console.log(e.message);
}

// Batches of 200 characters, ten of them: a new one takes the place of the oldest.
var batches = [],
    lost = 0;
function store(line) {
    var last = batches.length - 1;
    if (last >= 0 && batches[last].length + line.length < 200)
        batches[last] += "\n" + line;
    else batches.push(line);
    if (batches.length > 10) {
        batches.shift();
        lost++;
    }
}

function obey(command) {
    var words = command.trim().split(" "),
        seconds = parseInt(words[1]);
    if (words[0] === "STATUS") {
        var status = modem.status();
        return (
            "reading " +
            reading +
            ", " +
            status.signal +
            " dBm, " +
            status.restarts +
            " restarts, woken " +
            sleep.wakes +
            ", " +
            lost +
            " lost"
        );
    }
    if (words[0] === "INTERVAL" && seconds > 0 && seconds <= 3600) {
        interval = seconds;
        return "INTERVAL " + interval;
    }
    return "STATUS or INTERVAL 1-3600";
}

// MQTT 3.1.1, as much as this needs: readings and answers go out once, commands come until
// they have been acknowledged, also those that were sent while the node was away.
var broker,
    up = false,
    heard = "";

function text(s) {
    return String.fromCharCode(s.length >> 8, s.length & 255) + s;
}

function packet(type, body) {
    var n = body.length,
        head = String.fromCharCode(type);
    while (n > 127) {
        head += String.fromCharCode((n & 127) | 128);
        n = n >> 7;
    }
    return head + String.fromCharCode(n) + body;
}

function publish(topic, payload) {
    if (!up) return;
    try {
        broker.write(packet(0x30, text("node/" + ID + "/" + topic) + payload));
    } catch (e) {
        log(e);
    }
}

function command(payload) {
    var number = parseInt(payload);
    // it has come again: it has been answered
    if (!(number > done)) return;
    done = number;
    publish(
        "answer",
        number + " " + obey(payload.substr(("" + number).length))
    );
}

function got(type, body) {
    if (type >> 4 === 2) {
        if (body.charCodeAt(1) !== 0) return broker.end();
        up = true;
        broker.write(
            packet(0x82, "\x00\x01" + text("node/" + ID + "/command") + "\x01")
        );
        publish("state", "on");
    }
    if (type >> 4 !== 3) return;
    var at = 2 + body.charCodeAt(0) * 256 + body.charCodeAt(1);
    if (type & 6) {
        broker.write(packet(0x40, body.substr(at, 2)));
        at += 2;
    }
    command(body.substr(at));
}

function hear(data) {
    heard += data;
    while (heard.length > 1) {
        var n = 0,
            at = 1,
            shift = 0,
            byte = 128;
        while (byte & 128) {
            if (at >= heard.length) return;
            byte = heard.charCodeAt(at++);
            n += (byte & 127) << shift;
            shift += 7;
        }
        if (heard.length < at + n) return;
        var type = heard.charCodeAt(0),
            body = heard.substr(at, n);
        heard = heard.substr(at + n);
        got(type, body);
    }
}

function subscribe() {
    heard = "";
    try {
        broker = modem.connect({ host: BROKER, port: 1883 }, function () {
            broker.write(
                packet(
                    0x10,
                    text("MQTT") + "\x04\x00\x00\x3c" + text("node-" + ID)
                )
            );
        });
    } catch (e) {
        log(e);
        return setTimeout(subscribe, 10000);
    }
    broker.on("data", hear);
    broker.on("error", log);
    broker.on("close", function () {
        up = false;
        setTimeout(subscribe, 10000);
    });
}

function ping() {
    if (up) broker.write(packet(0xc0, ""));
    setTimeout(ping, 30000);
}

// Posts one batch after the other.
function report() {
    if (batches.length === 0) return setTimeout(report, interval * 3000);
    var body = batches[0],
        answer = "",
        socket;
    function over() {
        // "HTTP/1.1 200 OK"
        var ok = answer.split(" ")[1] >= "200" && answer.split(" ")[1] < "300";
        // it may have grown meanwhile: the rest is the next one
        if (ok && batches[0] === body) batches.shift();
        else if (ok) batches[0] = batches[0].substr(body.length + 1);
        setTimeout(report, ok && batches.length > 1 ? 0 : interval * 3000);
    }
    try {
        socket = modem.connect(
            { host: HOST, port: 80, timeout: 30000 },
            function () {
                socket.write(
                    "POST /" +
                        ID +
                        " HTTP/1.1\r\nHost: " +
                        HOST +
                        "\r\nConnection: close\r\nContent-Length: " +
                        body.length +
                        "\r\n\r\n" +
                        body
                );
            }
        );
    } catch (e) {
        log(e);
        return setTimeout(report, interval * 3000);
    }
    socket.on("data", function (data) {
        if (answer.length < 64) answer += data;
    });
    socket.on("error", log);
    socket.on("close", over);
}

// Obeys one short message after the other.
function messages() {
    var place;
    try {
        place = modem.sms().next();
    } catch (e) {
        return log(e);
    }
    if (place === undefined) return;
    modem
        .sms()
        .read(place)
        .then(function (m) {
            // one that could not be deleted comes again
            var what = m.at + m.from + m.text;
            if (m.from !== OWNER || what === message) return;
            var answer = obey(m.text);
            message = what;
            return modem.sms().send(m.from, answer);
        })
        .then(function () {
            return modem.sms().remove(place);
        })
        .then(messages, function (e) {
            log(e);
            setTimeout(messages, 5000);
        });
}
modem.on("message", messages);

function read() {
    var line = reading + " " + Math.round(getTime());
    reading++;
    store(line);
    publish("reading", line);
    setTimeout(read, interval * 1000);
}

// Keeps everything going, whatever happens to the modem.
function start() {
    modem
        .start()
        .then(function () {
            return modem.sms().start();
        })
        .then(
            function () {
                subscribe();
                setTimeout(ping, 30000);
                setTimeout(report, interval * 3000);
                read();
                messages();
            },
            function (e) {
                log(e);
                setTimeout(start, 10000);
            }
        );
}
start();
