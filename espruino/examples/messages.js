// Answers short messages; never calls back.
var modem = require("SIM800").connect(Serial2, {
    apn: "internet",
    rx: D26,
    tx: D27,
    powerKey: D4,
    power: D23,
    reset: D5,
    dtr: D32,
    ri: D33,
});

function answer(message) {
    console.log(message.from, message.text);
    if (message.text === "battery")
        return modem.battery().then(function (battery) {
            return modem.sms().send(message.from, battery.volts + " V");
        });
}

function next() {
    var place = modem.sms().next();
    if (place !== undefined)
        modem
            .sms()
            .read(place)
            .then(answer)
            .then(function () {
                return modem.sms().remove(place);
            })
            .catch(function (e) {
                console.log(e.message);
            })
            .then(next);
}

modem.on("message", next);
modem.on("ring", function (number) {
    console.log("call of", number);
    modem.hangUp().catch(function (e) {
        console.log(e.message);
    });
});
modem
    .start()
    .then(function () {
        return modem.sms().start();
    })
    .then(next, function (e) {
        console.log(e.message);
    });
