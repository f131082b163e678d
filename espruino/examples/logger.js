// Sends a measurement each ten minutes over a socket of the modem, and lets it sleep in between.
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
modem.allowSleep();

function report() {
    modem
        .battery()
        .then(function (battery) {
            var socket = modem.connect(
                { host: "example.com", port: 9000 },
                function () {
                    socket.end(
                        JSON.stringify({
                            volts: battery.volts,
                            heap: process.memory().usage,
                        }) + "\n"
                    );
                }
            );
            socket.on("error", function (e) {
                console.log(e.message);
            });
            socket.on("close", function (hadError) {
                console.log(hadError ? "not sent" : "sent");
            });
        })
        .catch(function (e) {
            console.log(e.message);
        });
}

modem
    .start()
    .then(function () {
        report();
        setInterval(report, 600000);
    })
    .catch(function (e) {
        // the driver goes on trying unless a person has to help
        console.log(e.message);
    });
