// A Serial that answers by itself, so that nothing but the driver takes time: for
// counts of instructions. A test says which step is done, and how often.
var heard,
    said = "",
    answering = true;
var INFORMATION = {
    "AT+IPR?": "+IPR: 115200",
    "AT+CPIN?": "+CPIN: READY",
    "AT+CCALR?": "+CCALR: 1",
    "AT+CSQ": "+CSQ: 20,0",
    "AT+CREG?": "+CREG: 0,1",
    "AT+CGREG?": "+CGREG: 0,1",
    "AT+CGATT?": "+CGATT: 1",
};
var ONLY = { "AT+CIPSHUT": "SHUT OK", "AT+CIFSR": "10.0.0.1" };
function answer(c) {
    if (c.substr(0, 2) !== "AT") return;
    if (INFORMATION[c]) heard("\r\n" + INFORMATION[c] + "\r\n\r\nOK\r\n");
    else if (ONLY[c]) heard("\r\n" + ONLY[c] + "\r\n");
    else if (c.substr(0, 11) === "AT+CIPSTART")
        heard("\r\nOK\r\n\r\n0, CONNECT OK\r\n");
    else if (c === "AT+CIPSEND?") heard("\r\n+CIPSEND: 0,1460\r\n\r\nOK\r\n");
    else heard("\r\nOK\r\n");
}
var serial = {
    setup: function () {},
    on: function (n, f) {
        heard = f;
    },
    removeListener: function () {},
    write: function (d) {
        said += E.toString(d);
        if (!answering || said[said.length - 1] !== "\r") return;
        var c = said.substr(0, said.length - 1);
        said = "";
        setTimeout(function () {
            answer(c);
        }, 1);
    },
};
var payload = "",
    pieces = [],
    got = 0,
    i;
for (i = 0; i < 1460; i++) payload += String.fromCharCode((i * 7) & 255);
payload = E.toString(payload);
var all = "\r\n+CIPRXGET: 2,0,1460,0\r\n" + payload + "\r\nOK\r\n";
for (i = 0; i < all.length; i += 63) pieces.push(all.substr(i, 63));
all = undefined;
function expect(what) {
    if (said !== what) print("unexpected:", JSON.stringify(said));
    said = "";
}
var socket,
    modem = SIM800.connect(serial, { apn: "internet", burst: 4000 });
function send() {
    var prompted = false;
    socket.write(payload);
    return function () {
        if (said === "AT+CIPRXGET=4,0\r") {
            said = "";
            heard("\r\n+CIPRXGET: 4,0,0\r\n\r\nOK\r\n");
        } else if (said === "AT+CIPSEND?\r") {
            said = "";
            heard("\r\n+CIPSEND: 0,1460\r\n\r\nOK\r\n");
        } else if (said === "AT+CIPSEND=0,1460\r") {
            said = "";
            prompted = true;
            heard("\r\n> ");
        } else if (prompted && said.length >= 1460) {
            said = "";
            heard("\r\nDATA ACCEPT:0,1460\r\n");
            return true;
        }
        return false;
    };
}
var STEPS = {
    read: function () {
        heard("\r\n+CIPRXGET: 1,0\r\n");
        expect("AT+CIPRXGET=2,0,1460\r");
        for (var j = 0; j < pieces.length; j++) heard(pieces[j]);
    },
    urc: function () {
        heard("\r\n+CREG: 1\r\n");
    },
    unknown: function () {
        heard('\r\n+CGEV: NW DEACT "IP","10.0.0.1",1\r\n');
    },
    send: send,
    none: function () {},
};
modem
    .start()
    .then(function () {
        socket = modem.connect({ host: "echo.test", port: 7 }, function () {
            print("most: " + (usage() - LOADING));
            socket.on("data", function (d) {
                got += d.length;
            });
            setTimeout(function () {
                answering = false;
                said = "";
                print("variables: " + (usage() - LOADING));
                var n = 0,
                    waiting;
                function step() {
                    if (waiting) {
                        if (waiting()) waiting = undefined;
                        setTimeout(step, 20);
                        return;
                    }
                    if (n++ >= TIMES) {
                        print("got: " + got);
                        pass();
                        return;
                    }
                    waiting = STEPS["STEP"]();
                    setTimeout(step, 1);
                }
                // here the count begins
                Math.asin(0);
                step();
            }, 3000);
        });
    })
    .catch(function (e) {
        print("FAILED", e.message);
    });
