// A telemetry node: a reading every few seconds, over MQTT as it comes and over HTTP in
// batches; commands by MQTT and by short message, answered the way they came; the modem
// asleep in between. A reading that could not be sent waits.
//
// Commands are STATUS and INTERVAL with a number of seconds. A command by MQTT begins
// with a number, "17 INTERVAL 60", so that it is not executed twice if the broker
// repeats it. The sockets are the modem's, not those of Espruino's network(), which is
// polled for data all the time. The module is SIM800-mqtt.min.js, in Storage by the
// name of SIM800.
var ID = "7",
    HOST = "web.example",
    BROKER = "broker.example",
    // number that may send commands by short message
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

// Readings and answers go again until the broker has acknowledged them; commands that come
// while the node is away wait at the broker.
var mqtt = modem.mqtt({
    host: BROKER,
    clientId: "node-" + ID,
    keepAlive: 30,
    clean: false,
    outbox: 6144,
    limit: 128,
    will: { topic: "node/" + ID + "/state", payload: "gone", retain: true },
});

mqtt.subscribe("node/" + ID + "/command", function (m) {
    var number = parseInt(m.payload);
    // a repetition: its answer waits already
    if (!(number > done)) return;
    mqtt.publish(
        "node/" + ID + "/answer",
        number + " " + obey(m.payload.substr(("" + number).length))
    );
    done = number;
});

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
    try {
        // the rest of the outbox is for answers
        if (mqtt.pending() < 80) mqtt.publish("node/" + ID + "/reading", line);
    } catch (e) {
        // its batch has it
    }
    setTimeout(read, interval * 1000);
}

// Keeps everything going, through all failures of the modem.
function start() {
    modem
        .start()
        .then(function () {
            return modem.sms().start();
        })
        .then(
            function () {
                mqtt.start();
                mqtt.publish("node/" + ID + "/state", "on", { retain: true });
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
