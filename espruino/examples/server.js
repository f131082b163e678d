// A server on the modem: most operators give addresses that cannot be reached from
// outside.
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

modem
    .start()
    .then(function () {
        var server = modem.listen(8080, function (socket) {
            console.log("peer", socket.name);
            socket.on("data", function (data) {
                socket.write(data);
            });
            socket.on("close", function () {
                console.log("gone");
            });
        });
        server.on("listening", function () {
            console.log("at " + modem.status().address + ":8080");
        });
        server.on("error", function (e) {
            console.log(e.message);
        });
    })
    .catch(function (e) {
        console.log(e.message);
    });
