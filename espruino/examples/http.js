// A page over GPRS with Espruino's own http module. T-Call: ESP32 and SIM800L on one board.
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

modem.on("state", function (phase, ipState) {
    console.log(phase, ipState);
});

modem
    .start()
    .then(function () {
        modem.network();
        require("http")
            .get("http://example.com/", function (response) {
                console.log("status", response.statusCode);
                response.on("data", function (data) {
                    console.log(data.length + " bytes");
                });
                response.on("close", function () {
                    console.log("done");
                });
            })
            .on("error", function (e) {
                console.log("error", e.message);
            });
    })
    .catch(function (e) {
        console.log(e.message);
    });
