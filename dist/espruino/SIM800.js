// src/core/config.ts
var RATES = [115200, 9600, 57600, 38400, 19200, 230400, 460800, 4800, 2400, 1200];
function isPushed(reception) {
  return reception === 2 /* Push */ || reception === 3 /* Plain */;
}

// src/core/arguments.ts
var LONGEST_TIME = 2147483647;
var QUOTE = 34;
var SHOWN = 40;
function shown(value) {
  if (typeof value === "string") return '"' + value.slice(0, SHOWN) + '"';
  if (typeof value === "object") return "an object";
  return "" + value;
}
function within(text, first, last, but) {
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c < first || c > last || c === but) return false;
  }
  return true;
}
function isText(kind, text) {
  switch (kind) {
    case 7 /* Text */:
      return within(text, 32, 126, QUOTE);
    case 8 /* Digits */:
      return within(text, 48, 57, 0);
    case 9 /* Host */:
      return within(text, 33, 126, QUOTE) && text.indexOf("/") < 0 && text.indexOf(":") < 0;
  }
  return kind === 6 /* Bytes */;
}
function isNumber(kind, n) {
  switch (kind) {
    case 0 /* Whole */:
      return n === Math.floor(n);
    case 1 /* PowerOfTwo */:
      return (n & n - 1) === 0;
    case 2 /* Rate */:
      return RATES.indexOf(n) >= 0;
  }
  return kind === 3 /* Time */;
}
function isRight(kind, value, min, max) {
  switch (typeof value) {
    case "number":
      return value >= min && value <= max && isNumber(kind, value);
    case "string":
      return value.length >= min && value.length <= max && isText(kind, value);
    case "boolean":
      return kind === 4 /* Flag */;
    case "undefined":
      return kind === 4 /* Flag */ || kind === 3 /* Time */;
  }
  if (value instanceof Uint8Array) return kind === 6 /* Bytes */;
  return kind === 5 /* Object */ && typeof value === "object" && value !== null && !Array.isArray(value);
}
function wrong(kind, value, min, max) {
  if (isRight(kind, value, min, max)) return "";
  const wanted = [
    "a whole number",
    "a power of two",
    "a rate that the modem has",
    "a number of ms",
    "true or false",
    "an object",
    "a Buffer or a string",
    "printable ASCII without quotation marks, characters:",
    "digits, so many:",
    "a name or a dotted address (without http:// and what follows it), characters:"
  ];
  const text = shown(value) + " is not " + wanted[kind];
  return max < LONGEST_TIME ? text + " " + min + "\u2013" + max : text;
}
function wrongWord(value, words) {
  if (words.indexOf(value) >= 0) return "";
  let text = shown(value) + " is none of";
  for (let i = 0; i < words.length; i++)
    text += (i > 0 ? ", " : " ") + words[i];
  return text;
}
function wrongAddress(value) {
  let bytes = 0;
  let parts = 0;
  if (typeof value === "string") {
    const words = value.split(".");
    parts = words.length;
    for (let i = 0; i < parts; i++)
      if (!wrong(8 /* Digits */, words[i], 1, 3) && parseInt(words[i]) < 256)
        bytes++;
  }
  if (bytes === 4 && parts === 4) return "";
  return shown(value) + " is no dotted address";
}

// src/espruino/bytes.ts
function blit(dst, at, src, from, len) {
  let n = src.length - from;
  if (len < n) n = len;
  if (dst.length - at < n) n = dst.length - at;
  if (n <= 0) return;
  if (typeof src === "string")
    dst.set(n === src.length ? src : src.substr(from, n), at);
  else dst.set(src.subarray(from, from + n), at);
}
function find(bytes, byte, from, to) {
  if (to > bytes.length) to = bytes.length;
  const last = to - 1;
  if (last < from) return -1;
  const there = bytes[last];
  if (there === byte) return bytes.indexOf(byte, from);
  bytes[last] = byte;
  const at = bytes.indexOf(byte, from);
  bytes[last] = there;
  return at < last ? at : -1;
}
function fill(bytes, at, len, value) {
  for (; len > 0; len--) bytes[at++] = value;
}
function get32(bytes, at) {
  return (bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16 | bytes[at + 3] << 24) >>> 0;
}
function set16(bytes, at, value) {
  bytes[at] = value;
  bytes[at + 1] = value >> 8;
}
function set32(bytes, at, value) {
  set16(bytes, at, value);
  set16(bytes, at + 2, value >> 16);
}
function bytesOf(text) {
  const bytes = new Uint8Array(text.length);
  bytes.set(text, 0);
  return bytes;
}

// src/core/encoder.ts
var COMMAND_SIZE = 300;
var CR = 13;
var QUOTE2 = 34;
var COMMA = 44;
var EQUALS = 61;
var ZERO = 48;
var Encoder = class {
  constructor() {
    this.at = 0;
    this.left = 0;
    this.tell = false;
    this.drain = false;
    /** what stands in front of the next parameter */
    this.separator = COMMA;
    this.command = new Uint8Array(COMMAND_SIZE);
    this.source = this.command;
  }
  /**
   * A command goes out next: a constant text, to which parameters can be
   * appended. An `=` without any is dropped.
   */
  begin(text) {
    const command = this.command;
    let len = text.length;
    blit(command, 0, text, 0, len);
    this.separator = COMMA;
    if (len > 0 && command[len - 1] === EQUALS) {
      this.separator = EQUALS;
      len--;
    }
    command[len] = CR;
    this.source = command;
    this.at = 0;
    this.left = len + 1;
    this.tell = false;
  }
  /**
   * Appends parameters: unsigned integers.
   * @param second negative if there is but one
   */
  numbers(first, second) {
    const command = this.command;
    let at = this.left;
    command[at - 1] = this.separator;
    this.separator = COMMA;
    let value = first;
    while (true) {
      let end = at + 1;
      for (let v = value; v >= 10; v = Math.floor(v / 10)) end++;
      at = end;
      while (value >= 10) {
        const rest = Math.floor(value / 10);
        command[--end] = ZERO + value - rest * 10;
        value = rest;
      }
      command[--end] = ZERO + value;
      if (second < 0) break;
      command[at++] = COMMA;
      value = second;
      second = -1;
    }
    command[at] = CR;
    this.left = at + 1;
  }
  /** Appends parameters as they are: ASCII characters. */
  text(text) {
    const command = this.command;
    const at = this.left;
    if (text.length === 0) return;
    command[at - 1] = this.separator;
    this.separator = COMMA;
    blit(command, at, text, 0, text.length);
    this.left = at + text.length + 1;
    command[this.left - 1] = CR;
  }
  /** Appends a parameter: ASCII characters between quotation marks. */
  quoted(text) {
    const command = this.command;
    const at = this.left;
    const end = at + text.length + 1;
    command[at - 1] = this.separator;
    this.separator = COMMA;
    command[at] = QUOTE2;
    blit(command, at + 1, text, 0, text.length);
    command[end] = QUOTE2;
    command[end + 1] = CR;
    this.left = end + 2;
  }
  /** Sends `len` times the byte `value`, at most the length of a command. */
  fill(value, len) {
    fill(this.command, 0, len, value);
    this.source = this.command;
    this.at = 0;
    this.left = len;
    this.tell = true;
  }
  /** Sends `len` bytes of the application from `at` on, as they are. */
  payload(source, at, len) {
    this.source = source;
    this.at = at;
    this.left = len;
    this.tell = true;
  }
  /** Forgets what has not gone out yet. */
  drop() {
    this.left = 0;
    this.drain = false;
  }
};

// src/core/errors.ts
function sentence(failure) {
  switch (failure) {
    case 1 /* NoAnswer */:
      return "the modem does not answer: check its supply (2 A bursts), TX/RX, ground and the baud rate";
    case 2 /* Restarted */:
      return "the modem has restarted: check its supply, which sags when it transmits";
    case 3 /* PoweredDown */:
      return "the modem has switched itself off: check supply voltage and temperature";
    case 4 /* SimMissing */:
      return "no SIM card: check that it is in its holder the right way round";
    case 5 /* SimNotReady */:
      return "the SIM card did not become ready: check its contacts";
    case 6 /* SimFailure */:
      return "the SIM card does not work: try it in a phone";
    case 7 /* PinRequired */:
      return 'the SIM card wants its PIN: give it with the option "pin", or switch the PIN off in a phone';
    case 8 /* PinRefused */:
      return 'the PIN was refused, and is not tried again: correct the option "pin" before the card locks';
    case 9 /* PinLastTry */:
      return 'one try is left for the PIN, and it is left to a person: enter the PIN in a phone, then correct the option "pin"';
    case 10 /* PukRequired */:
      return "the SIM card is locked: unlock it with its PUK in a phone";
    case 11 /* NotRegistered */:
      return "no network lets the modem in yet: check antenna and coverage";
    case 12 /* RegistrationDenied */:
      return "the network refuses this SIM card: check that it is activated and may roam here";
    case 13 /* NotAttached */:
      return "no GPRS: check that the SIM card has a data plan and the operator still runs 2G";
    case 14 /* SetupRefused */:
      return "the modem refused a setting: its firmware may be too old, or it is still busy";
    case 15 /* ApnRefused */:
      return "the access point was refused: check APN, user and password";
    case 16 /* ActivationRefused */:
      return "the PDP context was refused: check APN, user and password with the operator";
    case 17 /* NoAddress */:
      return "the PDP context has no address: check the APN";
    case 18 /* PdpDeactivated */:
      return "the network has taken the PDP context away: the driver brings it up again, connect again";
    case 19 /* NoFreeConnection */:
      return 'all connections are in use (six, five beside a server, or what the option "sockets" allows): close one';
    case 20 /* NumberTaken */:
      return "a peer of the server came in on the same number: connect again";
    case 22 /* ConnectRefused */:
      return "the modem refused to connect: check host and port";
    case 23 /* ConnectFailed */:
      return "no connection: check that host and port are right and reachable from the operator's network";
    case 24 /* ConnectTimeout */:
      return "no connection within the time that the modem may take: check host and port, try again";
    case 25 /* TlsRefused */:
      return "there is a peer, but no TLS with it: check its certificate (or verify: false), and that it takes the TLS version of this module: 1.0, since the firmware of 2020 also 1.2";
    case 26 /* ClosedByPeer */:
      return "the peer has closed the connection";
    case 27 /* ClosedHere */:
      return "the socket has been closed";
    case 28 /* SendRefused */:
      return "the modem took no data for this connection: connect again";
    case 33 /* NotResolved */:
      return "the name is not known: check it, and the name servers (AT+CDNSCFG)";
    case 29 /* NoCarrier */:
      return "DCD does not go low with the connection: check its wire";
    case 38 /* SendFailed */:
      return "the data did not get through: the connection is lost, connect again";
    case 39 /* SendUnknown */:
      return "nobody can tell whether the last data got through, or commands of the driver in their place: let the application find out before it repeats them";
    case 40 /* ReceiveOverrun */:
      return "received data were not fetched in time: read faster, or use manual reception";
    case 41 /* ReceiveTorn */:
      return "bytes were lost between modem and microcontroller: use RTS/CTS or a lower baud rate";
    case 42 /* Desynchronised */:
      return "the modem's state was not what it should be: connect again";
    case 44 /* TooLong */:
      return "more has come than the limit allows: give a larger limit, or ask for less at a time";
    case 46 /* BadArgument */:
      return "an argument is out of its range";
    case 47 /* Busy */:
      return "another fiber is doing the same on this socket";
    case 48 /* NotStarted */:
      return "the modem has not been started: await start() first";
    case 49 /* Stopped */:
      return "the modem has been stopped";
    case 50 /* Timeout */:
      return "it took longer than the caller was willing to wait";
  }
  return "no failure";
}
function cmeText(cme) {
  switch (cme) {
    case 3:
      return "operation not allowed";
    case 4:
      return "operation not supported";
    case 10:
      return "SIM not inserted";
    case 11:
      return "SIM PIN required";
    case 12:
      return "SIM PUK required";
    case 13:
      return "SIM failure";
    case 14:
      return "SIM busy";
    case 16:
      return "incorrect password";
    case 30:
      return "no network service";
    case 31:
      return "network timeout";
    case 100:
      return "unknown";
    case 107:
      return "GPRS services not allowed";
    case 148:
      return "unspecified GPRS error";
    case 149:
      return "PDP authentication failure";
    case 160:
      return "DNS resolve failed";
    case 161:
      return "socket open failed";
    case 180:
      return "GPRS is not attached";
    case 181:
      return "TCPIP stack is busy";
  }
  return "";
}
function explain(message, subject, answer) {
  if (subject !== "") message = subject + ": " + message;
  if (answer !== "") message = message + " (modem: " + answer + ")";
  return message;
}
function describe(failure, subject, answer) {
  return explain(sentence(failure), subject, answer);
}
var CMS = 1e3;
function callText(cme) {
  switch (cme) {
    case -4 /* Busy */:
      return "BUSY";
    case -5 /* NoReply */:
      return "NO ANSWER";
    case -6 /* NoDialtone */:
      return "NO DIALTONE";
  }
  return "NO CARRIER";
}
function refusal(command, cme) {
  const end = command.length - 1;
  if (command[end] === "=") command = command.slice(0, end);
  if (cme === -2 /* NoAnswer */) return command + ": no answer";
  if (cme === -1 /* Plain */) return command + ": ERROR";
  if (cme < 0) return command + ": " + callText(cme);
  if (cme >= CMS) return command + ": +CMS ERROR: " + (cme - CMS);
  const text = cmeText(cme);
  return command + ": +CME ERROR: " + cme + (text ? ", " + text : "");
}

// src/core/table.ts
var NUMBER = 2;
var Table = class {
  /** @param columns of a row, its text included */
  constructor(cells, columns) {
    const rows = cells.length / columns;
    this.texts = [];
    this.numbers = new Uint8Array(rows * (columns - 1) * NUMBER);
    let at = 0;
    for (let i = 0; i < cells.length; i++) {
      if (i % columns === 0) {
        this.texts.push(cells[i]);
        continue;
      }
      const value = cells[i];
      this.numbers[at] = value & 255;
      this.numbers[at + 1] = value >> 8;
      at += NUMBER;
    }
  }
};

// src/core/results.ts
var TABLE = new Table([
  // text                      what it is               how           which end       traits
  "+CIPRXGET:",
  22 /* RxGet */,
  1 /* Prefix */,
  0 /* No */,
  0,
  "+RECEIVE,",
  21 /* Receive */,
  1 /* Prefix */,
  0 /* No */,
  0,
  "OK",
  1 /* Ok */,
  0 /* Whole */,
  1 /* Ok */,
  0,
  "ERROR",
  2 /* Error */,
  0 /* Whole */,
  2 /* Error */,
  0,
  "DATA ACCEPT:",
  7 /* DataAccept */,
  1 /* Prefix */,
  32 /* Sent */,
  1 /* Numbered */,
  "SEND OK",
  5 /* SendOk */,
  0 /* Whole */,
  32 /* Sent */,
  1 /* Numbered */,
  "SEND FAIL",
  6 /* SendFail */,
  0 /* Whole */,
  64 /* SendFail */,
  1 /* Numbered */,
  "CLOSED",
  12 /* Closed */,
  0 /* Whole */,
  0 /* No */,
  1 /* Numbered */ | 4 /* AmidData */,
  "CLOSE OK",
  4 /* CloseOk */,
  0 /* Whole */,
  8 /* CloseOk */,
  1 /* Numbered */,
  "CONNECT OK",
  8 /* ConnectOk */,
  0 /* Whole */,
  0 /* No */,
  1 /* Numbered */ | 4 /* AmidData */,
  "CONNECT FAIL",
  9 /* ConnectFail */,
  0 /* Whole */,
  0 /* No */,
  1 /* Numbered */ | 4 /* AmidData */,
  "ALREADY CONNECT",
  10 /* AlreadyConnect */,
  0 /* Whole */,
  0 /* No */,
  1 /* Numbered */ | 4 /* AmidData */,
  "CONNECT",
  13 /* Connect */,
  0 /* Whole */,
  256 /* Connect */,
  4 /* AmidData */,
  "SHUT OK",
  3 /* ShutOk */,
  0 /* Whole */,
  4 /* ShutOk */,
  0,
  "+IPD,",
  18 /* Ipd */,
  1 /* Prefix */,
  0 /* No */,
  0,
  "RECV FROM:",
  17 /* ReceivedFrom */,
  1 /* Prefix */,
  0 /* No */,
  4 /* AmidData */,
  "+RECV FROM:",
  17 /* ReceivedFrom */,
  1 /* Prefix */,
  0 /* No */,
  4 /* AmidData */,
  "REMOTE IP:",
  11 /* RemoteIp */,
  1 /* Prefix */,
  0 /* No */,
  1 /* Numbered */ | 4 /* AmidData */,
  "SERVER OK",
  15 /* ServerOk */,
  0 /* Whole */,
  0 /* No */,
  4 /* AmidData */,
  "SERVER CLOSE",
  16 /* ServerClose */,
  0 /* Whole */,
  0 /* No */,
  4 /* AmidData */,
  "RING",
  52 /* Ring */,
  0 /* Whole */,
  0 /* No */,
  2 /* Unsolicited */ | 8 /* Foreign */ | 16 /* NoAnswer */ | 32 /* Told */,
  "+CLIP:",
  53 /* Caller */,
  1 /* Prefix */,
  0 /* No */,
  2 /* Unsolicited */ | 8 /* Foreign */ | 32 /* Told */,
  "NO CARRIER",
  14 /* NoCarrier */,
  0 /* Whole */,
  256 /* Connect */,
  4 /* AmidData */,
  "NO ANSWER",
  36 /* NoReply */,
  0 /* Whole */,
  512 /* Call */,
  0,
  "NO DIALTONE",
  37 /* NoDialtone */,
  0 /* Whole */,
  512 /* Call */,
  0,
  "BUSY",
  35 /* Busy */,
  0 /* Whole */,
  512 /* Call */,
  0,
  "+CMTI:",
  54 /* NewMessage */,
  1 /* Prefix */,
  0 /* No */,
  2 /* Unsolicited */ | 8 /* Foreign */ | 16 /* NoAnswer */ | 32 /* Told */,
  "+CMT:",
  46 /* Delivered */,
  1 /* Prefix */,
  0 /* No */,
  2 /* Unsolicited */,
  "+CBM:",
  46 /* Delivered */,
  1 /* Prefix */,
  0 /* No */,
  2 /* Unsolicited */,
  "+CDS:",
  47 /* StatusReport */,
  1 /* Prefix */,
  0 /* No */,
  2 /* Unsolicited */,
  "+CMGR:",
  38 /* Message */,
  1 /* Prefix */,
  0 /* No */,
  0,
  "+CMGL:",
  38 /* Message */,
  1 /* Prefix */,
  0 /* No */,
  0,
  "+CDNSGIP:",
  49 /* Resolved */,
  1 /* Prefix */,
  0 /* No */,
  2 /* Unsolicited */ | 8 /* Foreign */ | 32 /* Told */,
  "+CUSD:",
  50 /* Ussd */,
  1 /* Prefix */,
  0 /* No */,
  2 /* Unsolicited */ | 32 /* Told */,
  "+SSLSETCERT:",
  51 /* Imported */,
  1 /* Prefix */,
  0 /* No */,
  0,
  "+CIPSEND:",
  23 /* SendRoom */,
  1 /* Prefix */,
  0 /* No */,
  0,
  "+CME ERROR:",
  2 /* Error */,
  1 /* Prefix */,
  2 /* Error */,
  0,
  "+CMS ERROR:",
  2 /* Error */,
  1 /* Prefix */,
  2 /* Error */,
  0,
  "+PDP: DEACT",
  39 /* PdpDeact */,
  0 /* Whole */,
  0 /* No */,
  2 /* Unsolicited */,
  "+PDP DEACT",
  39 /* PdpDeact */,
  0 /* Whole */,
  0 /* No */,
  2 /* Unsolicited */,
  "+CREG:",
  30 /* Registration */,
  1 /* Prefix */,
  0 /* No */,
  4 /* AmidData */ | 8 /* Foreign */,
  "+CGREG:",
  31 /* GprsRegistration */,
  1 /* Prefix */,
  0 /* No */,
  4 /* AmidData */ | 8 /* Foreign */,
  "+CGATT:",
  32 /* Attached */,
  1 /* Prefix */,
  0 /* No */,
  0,
  "+CSQ:",
  29 /* Signal */,
  1 /* Prefix */,
  0 /* No */,
  0,
  "+CPIN:",
  27 /* Pin */,
  1 /* Prefix */,
  0 /* No */,
  0,
  "+SPIC:",
  28 /* PinTries */,
  1 /* Prefix */,
  0 /* No */,
  0,
  "+CCALR:",
  33 /* CallReadyState */,
  1 /* Prefix */,
  0 /* No */,
  0,
  "+IPR:",
  34 /* Rate */,
  1 /* Prefix */,
  0 /* No */,
  0,
  "STATE:",
  24 /* State */,
  1 /* Prefix */,
  128 /* Status */,
  0,
  "C:",
  25 /* LinkStatus */,
  1 /* Prefix */,
  128 /* Status */,
  0,
  "S:",
  26 /* ServerStatus */,
  1 /* Prefix */,
  0 /* No */,
  0,
  "RDY",
  40 /* Started */,
  0 /* Whole */,
  0 /* No */,
  2 /* Unsolicited */,
  "+CFUN:",
  41 /* Functionality */,
  1 /* Prefix */,
  0 /* No */,
  2 /* Unsolicited */,
  "Call Ready",
  42 /* CallReady */,
  0 /* Whole */,
  0 /* No */,
  2 /* Unsolicited */,
  "SMS Ready",
  43 /* SmsReady */,
  0 /* Whole */,
  0 /* No */,
  2 /* Unsolicited */,
  "AT",
  20 /* Echo */,
  1 /* Prefix */,
  0 /* No */,
  0,
  "NORMAL POWER DOWN",
  44 /* PowerDown */,
  0 /* Whole */,
  0 /* No */,
  2 /* Unsolicited */,
  "NORMAL POWER OFF",
  44 /* PowerDown */,
  0 /* Whole */,
  0 /* No */,
  2 /* Unsolicited */,
  "UNDER-VOLTAGE POWER DOWN",
  44 /* PowerDown */,
  0 /* Whole */,
  0 /* No */,
  2 /* Unsolicited */,
  "OVER-VOLTAGE POWER DOWN",
  44 /* PowerDown */,
  0 /* Whole */,
  0 /* No */,
  2 /* Unsolicited */,
  "UNDER-VOLTAGE WARN",
  45 /* Warning */,
  1 /* Prefix */,
  0 /* No */,
  2 /* Unsolicited */ | 8 /* Foreign */ | 32 /* Told */,
  "OVER-VOLTAGE WARN",
  45 /* Warning */,
  1 /* Prefix */,
  0 /* No */,
  2 /* Unsolicited */ | 8 /* Foreign */ | 32 /* Told */,
  "+CMTE:",
  45 /* Warning */,
  1 /* Prefix */,
  0 /* No */,
  2 /* Unsolicited */ | 8 /* Foreign */ | 32 /* Told */,
  "+CIEV:",
  55 /* NetworkTime */,
  1 /* Prefix */,
  0 /* No */,
  2 /* Unsolicited */ | 8 /* Foreign */ | 16 /* NoAnswer */ | 32 /* Told */,
  "+CSQN:",
  55 /* NetworkTime */,
  1 /* Prefix */,
  0 /* No */,
  2 /* Unsolicited */ | 8 /* Foreign */ | 16 /* NoAnswer */ | 32 /* Told */,
  "*PSUTTZ:",
  55 /* NetworkTime */,
  1 /* Prefix */,
  0 /* No */,
  2 /* Unsolicited */ | 8 /* Foreign */ | 16 /* NoAnswer */ | 32 /* Told */,
  "*PSNWID:",
  55 /* NetworkTime */,
  1 /* Prefix */,
  0 /* No */,
  2 /* Unsolicited */ | 8 /* Foreign */ | 16 /* NoAnswer */ | 32 /* Told */,
  "+CTZV:",
  55 /* NetworkTime */,
  1 /* Prefix */,
  0 /* No */,
  2 /* Unsolicited */ | 8 /* Foreign */ | 16 /* NoAnswer */ | 32 /* Told */,
  "DST:",
  55 /* NetworkTime */,
  1 /* Prefix */,
  0 /* No */,
  2 /* Unsolicited */ | 8 /* Foreign */ | 16 /* NoAnswer */ | 32 /* Told */
], 5);
var MATCH = 2;
var FINAL = 4;
var TRAITS = 6;
var ROW = 8;
var MAX_ARGS = 7;
var BLANK = 32;
var QUOTE3 = 34;
var COMMA2 = 44;
var DOT = 46;
var COLON = 58;
var ZERO2 = 48;
var NINE = 57;
var Results = class {
  constructor() {
    /** connection number of an `n, WORDS` line, else -1 */
    this.link = -1;
    /** where the parameters begin, blanks skipped */
    this.argAt = 0;
    /** which end of a command it can be */
    this.final = 0 /* No */;
    /** its traits, bits */
    this.traits = 0;
    /** how many numbers stand in front of the first quotation mark or the end */
    this.argc = 0;
    /** there is nothing but numbers and what stands between them */
    this.exact = false;
    this.args = [];
    for (let i = 0; i < MAX_ARGS; i++) this.args.push(0);
    const texts = TABLE.texts;
    const rows = texts.length;
    this.keys = new Uint8Array(4 * rows);
    this.first = new Uint8Array(128);
    this.next = new Uint8Array(rows);
    for (let row = 0; row < rows; row++)
      if (texts[row].length >= 4)
        blit(this.keys, 4 * row, texts[row], 0, 4);
    for (let row = rows - 1; row >= 0; row--) {
      const c = texts[row].charCodeAt(0);
      this.next[row] = this.first[c];
      this.first[c] = row + 1;
    }
  }
  /**
   * Classifies the first `len` bytes of `line`, which four bytes of zero
   * follow, and reads the numbers of its parameters.
   */
  classify(line, len) {
    let at = 0;
    let c = line[0];
    this.link = -1;
    this.argc = 0;
    this.final = 0 /* No */;
    this.traits = 0;
    if (c >= ZERO2 && c <= NINE) {
      if (line[1] !== COMMA2) return this.dotted(line, len);
      this.link = c - ZERO2;
      at = line[2] === BLANK ? 3 : 2;
      c = line[at];
    }
    const keys = this.keys;
    const numbers = TABLE.numbers;
    const key = get32(line, at);
    let row = c < 128 ? this.first[c] : 0;
    for (; row !== 0; row = this.next[row - 1]) {
      const k = get32(keys, 4 * (row - 1));
      if (k !== key && k !== 0) continue;
      const text = TABLE.texts[row - 1];
      const n = text.length;
      const entry = (row - 1) * ROW;
      const whole = numbers[entry + MATCH] === 0 /* Whole */;
      if (whole && at + n !== len) continue;
      let i = k === 0 ? 1 : 4;
      while (i < n && text.charCodeAt(i) === line[at + i]) i++;
      if (i < n) continue;
      const id = numbers[entry];
      const traits = numbers[entry + TRAITS];
      if (this.link >= 0 && (traits & 1 /* Numbered */) === 0) break;
      this.final = numbers[entry + FINAL] | numbers[entry + FINAL + 1] << 8;
      this.traits = traits;
      if (whole) return id;
      at += n;
      while (line[at] === BLANK) at++;
      this.argAt = at;
      let argc = 0;
      let exact = true;
      let value = -1;
      for (; at < len && argc < MAX_ARGS; at++) {
        const d = line[at];
        if (d >= ZERO2 && d <= NINE)
          value = value < 0 ? d - ZERO2 : value * 10 + d - ZERO2;
        else if (value >= 0) {
          this.args[argc++] = value;
          value = -1;
        }
        if (d > COLON || d < COMMA2 && d !== BLANK) exact = false;
        if (d === QUOTE3) break;
      }
      if (value >= 0) this.args[argc++] = value;
      this.argc = argc;
      this.exact = exact && at === len;
      return id;
    }
    return 0 /* Unknown */;
  }
  /** Tells an address in dotted notation from any other line of digits. */
  dotted(line, len) {
    let dots = 0;
    for (let i = 0; i < len; i++) {
      const c = line[i];
      if (c === DOT) dots++;
      else if (c < ZERO2 || c > NINE) return 0 /* Unknown */;
    }
    if (dots !== 3 || len > 15) return 0 /* Unknown */;
    this.final = 16 /* Address */;
    return 19 /* Address */;
  }
};

// src/core/channel.ts
var OK = 1 /* Ok */ | 2 /* Error */;
var TENTH = 100;
var S = 10;
var TABLE2 = new Table([
  // text             ends                             information           timeout
  "",
  0,
  0 /* Unknown */,
  0,
  "AT",
  OK,
  0 /* Unknown */,
  S / 2,
  "ATE0",
  OK,
  0 /* Unknown */,
  2 * S,
  "AT+CMEE=1;+CSCLK=0",
  OK,
  0 /* Unknown */,
  5 * S,
  "AT+IPR?",
  OK,
  34 /* Rate */,
  5 * S,
  "AT+IPR=",
  OK,
  0 /* Unknown */,
  5 * S,
  "AT&W",
  OK,
  0 /* Unknown */,
  5 * S,
  "AT+IFC=",
  OK,
  0 /* Unknown */,
  5 * S,
  "AT+CPIN?",
  OK,
  27 /* Pin */,
  7 * S,
  "AT+SPIC",
  OK,
  28 /* PinTries */,
  5 * S,
  "AT+CPIN=",
  OK,
  0 /* Unknown */,
  7 * S,
  "AT+CCALR?",
  OK,
  33 /* CallReadyState */,
  5 * S,
  "AT+CSQ",
  OK,
  29 /* Signal */,
  5 * S,
  "AT+CREG?",
  OK,
  30 /* Registration */,
  5 * S,
  "AT+CGREG?",
  OK,
  31 /* GprsRegistration */,
  5 * S,
  "AT+CGATT?",
  OK,
  32 /* Attached */,
  10 * S,
  "AT+CGATT=1",
  OK,
  0 /* Unknown */,
  80 * S,
  "AT+CIPSGTXT=",
  OK,
  0 /* Unknown */,
  5 * S,
  "AT+CIPSHUT",
  4 /* ShutOk */ | 2 /* Error */,
  0 /* Unknown */,
  70 * S,
  "AT+CIPMUX=",
  OK,
  0 /* Unknown */,
  5 * S,
  "AT+CIPMODE=",
  OK,
  0 /* Unknown */,
  5 * S,
  "AT+CIPCCFG=",
  OK,
  0 /* Unknown */,
  5 * S,
  "AT+CIPSPRT=1",
  OK,
  0 /* Unknown */,
  5 * S,
  "AT+CIPATS=",
  OK,
  0 /* Unknown */,
  5 * S,
  "AT+CIPTKA=1",
  OK,
  0 /* Unknown */,
  5 * S,
  "AT+CIPQSEND=",
  OK,
  0 /* Unknown */,
  5 * S,
  "AT+CIPRXGET=",
  OK,
  0 /* Unknown */,
  5 * S,
  "AT+CIPHEAD=",
  OK,
  0 /* Unknown */,
  5 * S,
  "AT+CIPCSGP=1",
  OK,
  0 /* Unknown */,
  5 * S,
  "AT+CSTT=",
  OK,
  0 /* Unknown */,
  5 * S,
  "AT+CIICR",
  OK,
  0 /* Unknown */,
  90 * S,
  "AT+CIFSR",
  16 /* Address */ | 2 /* Error */,
  0 /* Unknown */,
  5 * S,
  "AT+CIPSTATUS",
  128 /* Status */ | 2 /* Error */,
  24 /* State */,
  5 * S,
  "AT+CLPORT=",
  OK,
  0 /* Unknown */,
  5 * S,
  "AT+CIPSRIP=1",
  OK,
  0 /* Unknown */,
  5 * S,
  "AT+CIPUDPMODE=",
  OK,
  0 /* Unknown */,
  5 * S,
  "AT+CIPSSL=",
  OK,
  0 /* Unknown */,
  5 * S,
  "AT+SSLOPT=",
  OK,
  0 /* Unknown */,
  5 * S,
  "AT+CIPSTART=",
  OK,
  0 /* Unknown */,
  10 * S,
  "AT+CIPSEND?",
  OK,
  23 /* SendRoom */,
  5 * S,
  "AT+CIPSEND=",
  32 /* Sent */ | 64 /* SendFail */ | 2 /* Error */,
  0 /* Unknown */,
  10 * S,
  "AT+CIPRXGET=2",
  OK,
  22 /* RxGet */,
  5 * S,
  "AT+CIPRXGET=3",
  OK,
  22 /* RxGet */,
  5 * S,
  "AT+CIPRXGET=4",
  OK,
  22 /* RxGet */,
  5 * S,
  "AT+CIPCLOSE=",
  8 /* CloseOk */ | 2 /* Error */,
  0 /* Unknown */,
  20 * S,
  "AT+CIPSERVER=",
  OK,
  0 /* Unknown */,
  5 * S,
  "AT+CFUN=1,1",
  OK,
  0 /* Unknown */,
  10 * S,
  "AT&C1",
  OK,
  0 /* Unknown */,
  5 * S,
  "AT&D1",
  OK,
  0 /* Unknown */,
  5 * S,
  "AT+CFUN?",
  OK,
  41 /* Functionality */,
  5 * S,
  "AT+CFUN=1",
  OK,
  0 /* Unknown */,
  12 * S,
  "AT+CNMI=2,1,0,0,0",
  OK,
  0 /* Unknown */,
  5 * S,
  "ATO",
  256 /* Connect */ | 2 /* Error */,
  0 /* Unknown */,
  10 * S,
  "AT+CSCLK=",
  OK,
  0 /* Unknown */,
  5 * S,
  "",
  OK,
  0 /* Unknown */,
  5 * S
], 4);
var INFORMATION = 2;
var TIMEOUT = 4;
var ROW2 = 6;
var UART_GRACE = 1e4;
var GRACE = 3e3;
var CANCEL_TIME = 500;
var CR2 = 13;
var CTRL_Z = 26;
var ESC = 27;
var UPPER_A = 65;
var LOWER_A = 97;
var LOWER_T = 116;
var SLASH = 47;
var LOWER = 32;
function commandText(command) {
  return TABLE2.texts[command];
}
function attention(bytes, from, end, letter) {
  let at = find(bytes, letter, from, end);
  while (at >= 0 && at + 1 < end) {
    const next = bytes[at + 1] | LOWER;
    if (next === LOWER_T || next === SLASH) return true;
    at = find(bytes, letter, at + 1, end);
  }
  return false;
}
var Channel = class {
  constructor(encoder, digest) {
    /** the command in flight, None when the channel is free */
    this.command = 0 /* None */;
    this.stage = 0 /* Free */;
    /** the connection that the command is about, -1 for none */
    this.link = -1;
    /** which lines end it */
    this.ends = 0 /* No */;
    /** which information it asks for */
    this.information = 0 /* Unknown */;
    /** when the command is given up */
    this.deadline = 0;
    /** its answer may hold text of somebody else: a short message */
    this.holdsText = false;
    /** number of the last +CME ERROR, of a +CMS ERROR (`CMS`), or a `Cme` */
    this.cme = -1 /* Plain */;
    /** when the last command, or its data, went out */
    this.sentAt = 0;
    /** ends that belong to no command in flight: late answers, mostly */
    this.strays = 0;
    /** commands that were given up */
    this.timeouts = 0;
    /** what goes out behind the prompt: `length` bytes of `source` from `at` on */
    this.source = null;
    this.at = 0;
    this.length = 0;
    /** how the modem learns where they end; CtrlZ: that is still to be sent */
    this.framing = 0 /* Length */;
    /** how long they may take on the wire, and their result behind them; ms */
    this.wireTime = 0;
    this.resultTime = 0;
    /**
     * bytes of no meaning that go out in their place: the modem was promised
     * them, and their connection is gone
     */
    this.filler = 0;
    this.orphaned = false;
    this.encoder = encoder;
    this.digest = digest;
  }
  /**
   * Gives a command; its parameters go to the encoder.
   * @param link the connection that it is about, -1 for none
   */
  begin(command, link, now) {
    const numbers = TABLE2.numbers;
    const row = command * ROW2;
    this.command = command;
    this.stage = 1 /* Given */;
    this.link = link;
    this.sentAt = now;
    this.cme = -1 /* Plain */;
    this.holdsText = false;
    this.ends = numbers[row] | numbers[row + 1] << 8;
    this.information = numbers[row + INFORMATION];
    this.deadline = now + (numbers[row + TIMEOUT] | numbers[row + TIMEOUT + 1] << 8) * TENTH;
    this.encoder.begin(TABLE2.texts[command]);
  }
  /**
   * The command that was given wants data: they go out behind the prompt,
   * from where they lie.
   * @param framing Length: their length was announced, anything ends them;
   * CtrlZ: that is sent behind them; Timer: nothing is
   * @param wireTime how long they take on the wire, ms
   * @param resultTime how long the result may take behind them, ms
   */
  send(source, at, length, framing, wireTime, resultTime) {
    this.source = source;
    this.at = at;
    this.length = length;
    this.framing = framing;
    this.wireTime = wireTime;
    this.resultTime = resultTime;
    this.digest.awaitPrompt = true;
  }
  /** The modem takes the data now. */
  prompted(now) {
    const encoder = this.encoder;
    this.stage = 2 /* Data */;
    this.sentAt = now;
    this.deadline = now + UART_GRACE + this.wireTime;
    if (this.source === null) return;
    encoder.source = this.source;
    encoder.at = this.at;
    encoder.left = this.length;
    encoder.tell = this.framing === 1 /* CtrlZ */;
  }
  /** What the encoder had has gone out: gives it the rest, if there is one. */
  proceed(now) {
    let n = this.filler;
    if (n > 0) {
      if (n > COMMAND_SIZE) n = COMMAND_SIZE;
      this.filler -= n;
      this.encoder.fill(CR2, n);
    } else if (this.framing === 1 /* CtrlZ */) {
      this.framing = 0 /* Length */;
      this.encoder.fill(CTRL_Z, 1);
    } else {
      this.stage = 3 /* Result */;
      this.source = null;
      this.deadline = now + (this.orphaned ? GRACE : this.resultTime);
    }
  }
  /** Whether the buffer of a connection is still to be read. */
  
  /**
   * The connection that data are being sent on is gone. Its owner is told at
   * once, and may use his buffer for something else: what the modem was
   * promised it gets all the same, else it would take commands for that.
   */
  orphan(now) {
    if (this.command !== 40 /* Cipsend */) return;
    this.orphaned = true;
    const encoder = this.encoder;
    if (this.stage === 1 /* Given */) this.filler = this.length;
    else if (this.stage === 2 /* Data */ && this.source !== null) {
      this.filler = encoder.left;
      encoder.left = 0;
    }
    this.source = null;
    if (this.framing === 1 /* CtrlZ */) this.filler = 0;
    if (this.stage === 2 /* Data */) return;
    if ((this.deadline - now - GRACE | 0) > 0) this.deadline = now + GRACE;
  }
  /**
   * The command's time is over. If a prompt was due, the modem may wait for
   * data all the same: then a command would be data for the peer. So free
   * text is cancelled, and data of a known length go out as if the prompt had
   * been heard, unless the modem, if it is not waiting, could take them for a
   * command.
   * @returns whether something can still come of it
   */
  persist(now) {
    const source = this.source;
    if (this.stage !== 1 /* Given */ || source === null) return false;
    if (this.encoder.left > 0) return false;
    const end = this.at + this.length;
    if (this.framing !== 0 /* Length */) {
      this.stage = 4 /* Cancelled */;
      this.source = null;
      this.deadline = now + CANCEL_TIME;
      this.encoder.fill(ESC, 1);
    } else if (attention(source, this.at, end, UPPER_A) || attention(source, this.at, end, LOWER_A))
      return false;
    else this.prompted(now);
    this.digest.awaitPrompt = false;
    return true;
  }
  /** Frees the channel; what has not been sent is forgotten. */
  finish() {
    this.command = 0 /* None */;
    this.stage = 0 /* Free */;
    this.ends = 0 /* No */;
    this.information = 0 /* Unknown */;
    this.source = null;
    this.filler = 0;
    this.orphaned = false;
    this.digest.awaitPrompt = false;
    this.encoder.left = 0;
  }
};

// src/core/certificates.ts
var IDLE = 36e5;
var Certificates = class {
  constructor(modem) {
    this.work = false;
    this.dueAt = 0;
    this.offline = false;
    /** AT+SSLSETCERT as the modem has obeyed it; empty: it has none */
    this.client = "";
    /** AT+SSLSETROOT, likewise */
    this.root = "";
    this.next = 2 /* Nothing */;
    this.modem = modem;
    modem.features.push(this);
  }
  line() {
    return false;
  }
  run(now) {
    const modem = this.modem;
    let text = "";
    this.dueAt = now + IDLE;
    if (this.next === 0 /* Client */) {
      text = this.client;
      this.next = 1 /* Root */;
    }
    if (text === "" && this.next === 1 /* Root */) {
      text = this.root;
      this.next = 2 /* Nothing */;
    }
    this.work = text !== "";
    if (!this.work) {
      if (modem.exclusive === this) modem.exclusive = null;
      return false;
    }
    modem.channel.begin(54 /* Custom */, -1, now);
    modem.encoder.begin(text);
    return true;
  }
  /** If it was refused, the next handshake tells. */
  done() {
  }
  down() {
    this.next = 0 /* Client */;
    this.work = true;
    this.modem.exclusive = this;
  }
};

// src/core/digest.ts
var LINE_SIZE = 256;
var LONG_LINE_SIZE = 672;
var ZEROS = 8;
var SKIP = 512;
var HEADER_SIZE = 20;
var HEADER = "+IPD,";
var LF = 10;
var CR3 = 13;
var SPACE = 32;
var PLUS = 43;
var DOT2 = 46;
var ZERO3 = 48;
var COLON2 = 58;
var PROMPT = 62;
var Digest = class {
  constructor(ring) {
    this.lineLength = 0;
    /** set while a prompt is due: of AT+CIPSEND, AT+CMGS; at any other time `>` is text */
    this.awaitPrompt = false;
    /** `+IPD,n:` may come: pushed data of a single connection */
    this.inlineHeaders = false;
    /** what comes is text of somebody else: neither prompt nor header is in it */
    this.text = false;
    /** empty lines in front of the line; a modem sends one, text may send none */
    this.blank = 0;
    /** the same of the line to come */
    this.blanks = 0;
    /**
     * where bytes go that belong to no line: the modem sends data without a
     * header (application note 2.1.1). What looks like a line is one.
     */
    this.plain = null;
    /** it depends on bytes that have not come whether a line begins here */
    this.undecided = false;
    /** they will not come any more */
    this.decide = false;
    /** payload bytes still to come */
    this.payloadLeft = 0;
    /** where payload goes; null: it is thrown away, and counted in `unwanted` */
    this.sink = null;
    /** the sink is full: nothing moves until somebody reads from it */
    this.stalled = false;
    /** payload bytes that had no sink */
    this.unwanted = 0;
    /** bytes that filled the ring without a line end and were thrown away */
    this.junk = 0;
    /** bytes at the front of the ring that are known to hold no line end */
    this.scanned = 0;
    /** a payload ends here: the next byte has to begin a line end */
    this.seam = false;
    /** the line at the front lacks its beginning or its middle */
    this.broken = false;
    /** bytes that the frame takes up in the ring, the line end behind it included */
    this.frame = 0;
    /** the line end at the front belongs to a line; the next one may share it */
    this.shared = false;
    this.ring = ring;
    this.line = new Uint8Array(LINE_SIZE + ZEROS);
  }
  /** Announces `len` bytes of payload: they are the next in the ring. */
  expectPayload(len, sink) {
    this.payloadLeft = len;
    this.sink = sink;
    this.stalled = false;
    this.scanned = 0;
    this.seam = true;
  }
  /** From now on there are bare data, or (null) there are none. */
  expectPlain(sink) {
    if (this.plain === sink) return;
    this.plain = sink;
    this.undecided = false;
    this.shared = false;
  }
  /** Forgets everything that is half done: the modem has restarted. */
  reset() {
    this.payloadLeft = 0;
    this.ring.enough = 0;
    this.sink = null;
    this.stalled = false;
    this.seam = false;
    this.broken = false;
    this.awaitPrompt = false;
    this.text = false;
    this.scanned = 0;
    this.plain = null;
    this.undecided = false;
    this.shared = false;
  }
  /** Bytes are missing behind those in the ring: the line they belong to is none. */
  skipLine() {
    this.broken = true;
    this.seam = false;
  }
  /** Whether the line, a dotted address, is 0.0.0.0 or the like. */
  isNoAddress() {
    return this.line[0] === ZERO3 && this.line[1] === DOT2;
  }
  /** Throws away everything up to the next line end. */
  skipBroken() {
    const ring = this.ring;
    let used2 = ring.used;
    let tail = ring.tail;
    while (used2 > 0 && this.broken) {
      const first = ring.size - tail;
      const n = used2 < first ? used2 : first;
      const at = find(ring.buf, LF, tail, tail + n);
      const len = at < 0 ? n : at + 1 - tail;
      this.broken = at < 0;
      tail = tail + len & ring.size - 1;
      used2 -= len;
      this.junk += len;
    }
    ring.tail = tail;
    ring.used = used2;
    this.scanned = 0;
  }
  /**
   * Takes the next thing off the ring. To be called until it says
   * `Nothing`.
   */
  next() {
    const ring = this.ring;
    const buf = ring.buf;
    const size = ring.size;
    const mask = size - 1;
    if (this.broken) this.skipBroken();
    let tail = ring.tail;
    let used2 = ring.used;
    let left = this.payloadLeft;
    if (left > 0) {
      const sink = this.sink;
      while (left > 0 && used2 > 0) {
        let n = size - tail;
        if (n > used2) n = used2;
        if (n > left) n = left;
        if (sink === null) this.unwanted += n;
        else {
          const room = sink.size - sink.used;
          if (n > room) n = room;
          if (n === 0) {
            this.stalled = true;
            break;
          }
          const head = sink.tail + sink.used & sink.size - 1;
          if (n > sink.size - head) n = sink.size - head;
          blit(sink.buf, head, buf, tail, n);
          sink.used += n;
        }
        tail = tail + n & mask;
        used2 -= n;
        left -= n;
      }
      ring.tail = tail;
      ring.used = used2;
      this.payloadLeft = left;
      if (left > 0) return 0 /* Nothing */;
      this.stalled = false;
      return 4 /* PayloadEnd */;
    }
    if (this.seam && used2 > 0) {
      this.seam = false;
      if (buf[tail] !== CR3) return 5 /* Torn */;
    }
    if (this.plain !== null) return this.nextPlain(this.plain);
    let scanned = this.scanned;
    let skip = SKIP;
    while (used2 > 0) {
      const front = buf[tail];
      if (front <= SPACE) {
        if (front === CR3 || front === LF || front === SPACE || front === 0) {
          tail = tail + 1 & mask;
          used2--;
          if (front === LF) this.blanks++;
          if (--skip > 0) continue;
          ring.tail = tail;
          ring.used = used2;
          return 1 /* Pause */;
        }
      } else if (front === PROMPT && this.awaitPrompt && !this.text) {
        this.awaitPrompt = false;
        this.scanned = 0;
        const n = used2 > 1 && buf[tail + 1 & mask] === SPACE ? 2 : 1;
        ring.tail = tail + n & mask;
        ring.used = used2 - n;
        return 3 /* Prompt */;
      }
      let end = -1;
      const linear = size - tail;
      if (this.inlineHeaders && front === PLUS && !this.text)
        end = this.headerEnd(tail, used2);
      if (end < 0 && scanned < linear) {
        const stop = used2 < linear ? tail + used2 : size;
        const at = find(buf, LF, tail + scanned, stop);
        if (at >= 0) end = at - tail;
      }
      if (end < 0 && used2 > linear) {
        const from = scanned > linear ? scanned - linear : 0;
        const at = find(buf, LF, from, used2 - linear);
        if (at >= 0) end = at + linear;
      }
      if (end < 0) {
        if (used2 === size) {
          this.junk += used2;
          used2 = 0;
        }
        scanned = used2;
        break;
      }
      const line = this.line;
      const longest = line.length - ZEROS;
      let len = end < longest ? end : longest;
      if (len <= linear) blit(line, 0, buf, tail, len);
      else {
        blit(line, 0, buf, tail, linear);
        blit(line, linear, buf, 0, len - linear);
      }
      while (len > 0 && line[len - 1] === CR3) len--;
      line[len + 0] = line[len + 1] = line[len + 2] = line[len + 3] = 0;
      this.lineLength = len;
      this.blank = this.blanks;
      this.blanks = 0;
      this.scanned = 0;
      ring.tail = tail + end + 1 & mask;
      ring.used = used2 - end - 1;
      return 2 /* Line */;
    }
    this.scanned = scanned;
    ring.tail = tail;
    ring.used = used2;
    return 0 /* Nothing */;
  }
  /** The same amid bare data. */
  nextPlain(sink) {
    const ring = this.ring;
    const buf = ring.buf;
    const mask = ring.size - 1;
    const tail = ring.tail;
    const used2 = ring.used;
    const decide = this.decide;
    this.undecided = false;
    this.decide = false;
    if (used2 === 0) return 0 /* Nothing */;
    if (buf[tail] !== CR3) {
      const stop = used2 < ring.size - tail ? tail + used2 : ring.size;
      const at = find(buf, CR3, tail, stop);
      return this.pour(sink, (at < 0 ? stop : at) - tail);
    }
    const lf = used2 > 1 && buf[tail + 1 & mask] === LF;
    if (used2 > 1 && !lf) return this.pour(sink, 1);
    if (lf && this.awaitPrompt && used2 > 2 && buf[tail + 2 & mask] === PROMPT) {
      if (used2 > 3 || decide) {
        this.awaitPrompt = false;
        const n = used2 > 3 && buf[tail + 3 & mask] === SPACE ? 4 : 3;
        ring.tail = tail + n & mask;
        ring.used = used2 - n;
        return 3 /* Prompt */;
      }
    } else if (lf) {
      let end = 2;
      const longest = this.line.length - ZEROS;
      const most = used2 < longest ? used2 : longest;
      while (end < most && buf[tail + end & mask] !== LF) end++;
      if (end < most) {
        let len = 0;
        for (let i = 2; i < end; i++)
          this.line[len++] = buf[tail + i & mask];
        while (len > 0 && this.line[len - 1] === CR3) len--;
        if (len === 0) return this.lineEnd(sink, 2);
        this.line[len + 0] = this.line[len + 1] = this.line[len + 2] = this.line[len + 3] = 0;
        this.lineLength = len;
        this.frame = end + 1;
        return 7 /* Frame */;
      }
      if (most === longest) return this.lineEnd(sink, 2);
    }
    if (decide) return this.lineEnd(sink, lf ? 2 : 1);
    this.undecided = true;
    return 0 /* Nothing */;
  }
  /**
   * The frame was a line.
   * @param shared the lines of an answer have one line end between them
   */
  takeFrame(shared) {
    const ring = this.ring;
    const n = shared ? this.frame - 2 : this.frame;
    ring.tail = ring.tail + n & ring.size - 1;
    ring.used -= n;
    this.shared = shared;
  }
  /**
   * The frame was data; the line end behind it may begin the next one.
   * @returns false if there is no room for them
   */
  passFrame() {
    const plain = this.plain;
    return plain === null || this.lineEnd(plain, 2) !== 0 /* Nothing */;
  }
  /** A line end that begins no line: data, unless it has ended one. */
  lineEnd(sink, count) {
    if (!this.shared) return this.pour(sink, count);
    const ring = this.ring;
    this.shared = false;
    ring.tail = ring.tail + 2 & ring.size - 1;
    ring.used -= 2;
    return 6 /* Plain */;
  }
  /** Delivers bare data. */
  pour(sink, count) {
    const ring = this.ring;
    const first = ring.size - ring.tail;
    let n = sink.put(ring.buf, ring.tail, count < first ? count : first);
    if (count > first) n += sink.put(ring.buf, 0, count - first);
    ring.tail = ring.tail + n & ring.size - 1;
    ring.used -= n;
    this.stalled = n < count;
    return n > 0 ? 6 /* Plain */ : 0 /* Nothing */;
  }
  /**
   * Where a `+IPD,…:` at the front of the ring ends.
   * @returns the index of its colon; -1 if it has none so far, or is something else
   */
  headerEnd(tail, used2) {
    const buf = this.ring.buf;
    const mask = this.ring.size - 1;
    for (let i = 0; i < HEADER_SIZE; i++) {
      if (i >= used2) return -1;
      const c = buf[tail + i & mask];
      if (i < HEADER.length) {
        if (c !== HEADER.charCodeAt(i)) return -1;
      } else if (c === COLON2) return i;
      else if (c === CR3) return -1;
    }
    return -1;
  }
};

// src/core/request.ts
var ANSWER_SIZE = 1024;
var SEND_TIMEOUT = 65e3;
var LF2 = 10;
var IDLE2 = 36e5;
function isUcs2(command) {
  let at = command.indexOf('"');
  while (at >= 0) {
    if (command.startsWith("UCS2", at + 1)) return true;
    at = command.indexOf('"', at + 1);
  }
  return false;
}
var Request = class {
  constructor(modem) {
    this.work = false;
    this.dueAt = 0;
    this.offline = true;
    this.state = 0 /* Idle */;
    this.outcome = 0 /* Ok */;
    this.cme = -1 /* Plain */;
    this.answerLength = 0;
    /** lines for which there was no room */
    this.lost = 0;
    /**
     * what is to go out behind the prompt, the Ctrl-Z that ends it included; to be
     * set behind `begin()`, and left alone until it is done
     */
    this.data = null;
    /** told when it is done */
    this.changed = null;
    /** told likewise, before anything else happens */
    this.owner = null;
    /** the command in flight is one that its caller does not wait for any more */
    this.stale = false;
    /** more lines of the text that was begun come */
    this.open = false;
    this.text = "";
    this.ends = 0 /* No */;
    this.timeout = 0;
    this.follow = 0 /* Unknown */;
    this.followTimeout = 0;
    /** that line has come, in front of OK */
    this.followed = false;
    this.modem = modem;
    this.answer = new Uint8Array(ANSWER_SIZE);
    modem.digest.line = new Uint8Array(LONG_LINE_SIZE + ZEROS);
    modem.features.push(this);
  }
  /**
   * @param text the command, without CR: at most 290 characters
   * @param ends which results end it
   * @param timeout how long they may take, ms
   * @param follow the line that is the real answer, behind OK; Unknown: none
   * @param followTimeout how long it may take, ms
   */
  begin(text, ends, timeout, follow, followTimeout) {
    this.cancel();
    this.text = text;
    this.ends = ends;
    this.timeout = timeout;
    this.follow = follow;
    this.followTimeout = followTimeout;
    this.followed = false;
    this.data = null;
    this.answerLength = 0;
    this.lost = 0;
    this.state = 1 /* Wanted */;
    this.work = true;
  }
  /** Forgets it; if it is in flight, nobody hears of its end. */
  cancel() {
    if (this.state === 2 /* InFlight */) this.stale = true;
    else this.state = 0 /* Idle */;
    this.open = false;
  }
  /** Whether a command of this length can be given. */
  
  line(line) {
    const text = line === 48 /* Text */ && this.open;
    const following = this.state === 3 /* Following */ && (text || line === this.follow);
    if (!following) {
      if (this.state !== 2 /* InFlight */ && !this.stale)
        return false;
      const traits = line === 48 /* Text */ ? 0 : this.modem.results.traits;
      if ((traits & 16 /* NoAnswer */) !== 0) return false;
      if (this.stale) return true;
      if (line === 48 /* Text */ && !text) return false;
      if (line === 20 /* Echo */ && this.echoed()) return false;
      if (line === 53 /* Caller */ && this.modem.results.argc === 0)
        return false;
      if (line === this.follow) this.followed = true;
    }
    const digest = this.modem.digest;
    const n = digest.lineLength;
    if (this.answerLength + n + 1 > this.answer.length) this.lost++;
    else {
      blit(this.answer, this.answerLength, digest.line, 0, n);
      this.answerLength += n;
      this.answer[this.answerLength++] = LF2;
    }
    this.open = this.modem.inText();
    if (following && !this.open) this.end(0 /* Ok */);
    return true;
  }
  /** Whether a line is the command itself, not one that begins with AT as well. */
  echoed() {
    const digest = this.modem.digest;
    const text = this.text;
    let n = digest.lineLength;
    if (n !== text.length) return false;
    while (n > 0 && digest.line[n - 1] === text.charCodeAt(n - 1)) n--;
    return n === 0;
  }
  run(now) {
    this.work = false;
    if (this.state === 3 /* Following */) {
      if ((now - this.dueAt | 0) >= 0) this.end(3 /* Timeout */);
      return false;
    }
    this.dueAt = now + IDLE2;
    if (this.state !== 1 /* Wanted */) return false;
    const channel = this.modem.channel;
    channel.begin(54 /* Custom */, -1, now);
    this.modem.encoder.begin(this.text);
    channel.ends = this.ends;
    if (this.text.startsWith("ATD") || this.text.startsWith("ATA"))
      channel.ends |= 256 /* Connect */ | 512 /* Call */;
    channel.holdsText = !isUcs2(this.text);
    channel.deadline = now + this.timeout;
    const data = this.data;
    if (data !== null)
      channel.send(
        data,
        0,
        data.length,
        2 /* Timer */,
        this.modem.bearer.segmentTime,
        SEND_TIMEOUT
      );
    this.state = 2 /* InFlight */;
    return true;
  }
  done(_, outcome2, now) {
    if (this.stale) {
      this.stale = false;
      if (this.state === 2 /* InFlight */)
        this.state = 0 /* Idle */;
      else this.work = this.state === 1 /* Wanted */;
      return;
    }
    if (outcome2 === 0 /* Ok */ && this.modem.torn) outcome2 = 3 /* Timeout */;
    const follows = this.follow !== 0 /* Unknown */ && !this.followed;
    if (outcome2 === 0 /* Ok */ && follows) {
      this.state = 3 /* Following */;
      this.dueAt = now + this.followTimeout;
      return;
    }
    this.end(outcome2);
  }
  down() {
    const stale = this.stale;
    this.stale = false;
    if (stale && this.state === 2 /* InFlight */)
      this.state = 0 /* Idle */;
    else if (this.state === 2 /* InFlight */ || this.state === 3 /* Following */)
      this.end(4 /* Aborted */);
  }
  end(outcome2) {
    this.open = false;
    this.outcome = outcome2;
    this.cme = outcome2 === 3 /* Timeout */ ? -2 /* NoAnswer */ : this.modem.channel.cme;
    this.state = 4 /* Done */;
    if (this.owner !== null) this.owner.ended();
    if (this.changed !== null) this.changed();
  }
};

// src/espruino/text.ts
function textOf(bytes, at, length) {
  return length > 0 ? E.toString(bytes.subarray(at, at + length)) : "";
}

// src/core/dialogues/fields.ts
var BLANK2 = 32;
var QUOTE4 = 34;
var COMMA3 = 44;
var MINUS = 45;
var PLUS2 = 43;
var DOT3 = 46;
var ZERO4 = 48;
var NINE2 = 57;
var A = 65;
var F = 70;
var LAST = 126;
var DIGITS = 10;
var Fields = class {
  constructor(bytes) {
    /** something that was read is missing, or was not what it had to be */
    this.wrong = false;
    /** the parameter that was read last, without quotation marks */
    this.from = 0;
    this.to = 0;
    this.at = 0;
    this.end = 0;
    this.bytes = bytes;
  }
  /** Goes to the parameters between two places. */
  begin(bytes, at, end) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
    this.wrong = false;
  }
  /** Whether there is another parameter. */
  more() {
    return this.at <= this.end;
  }
  /** Goes on to the next parameter, which has to be there. */
  next() {
    const bytes = this.bytes;
    let at = this.at;
    let end = this.end;
    if (at > end) this.wrong = true;
    while (at < end && bytes[at] === BLANK2) at++;
    if (at < end && bytes[at] === QUOTE4) {
      this.from = at + 1;
      at = find(bytes, QUOTE4, at + 1, end);
      if (at < 0) {
        this.wrong = true;
        at = end;
      }
      this.to = at++;
      while (at < end && bytes[at] === BLANK2) at++;
      if (at < end && bytes[at] !== COMMA3) this.wrong = true;
      while (at < end && bytes[at] !== COMMA3) at++;
    } else {
      this.from = at;
      while (at < end && bytes[at] !== COMMA3) at++;
      end = at;
      while (end > this.from && bytes[end - 1] === BLANK2) end--;
      this.to = end;
    }
    this.at = at + 1;
  }
  skip(count) {
    for (let i = 0; i < count; i++) this.next();
  }
  /** A whole number from `min` to `max`, which may be negative. */
  whole(min, max) {
    const bytes = this.bytes;
    this.next();
    let at = this.from;
    const sign = at < this.to ? bytes[at] : 0;
    if (sign === MINUS || sign === PLUS2 && min < 0) at++;
    let value = 0;
    let right = at < this.to && this.to - at <= DIGITS;
    for (; right && at < this.to; at++) {
      const c = bytes[at];
      right = c >= ZERO4 && c <= NINE2;
      value = value * 10 + c - ZERO4;
    }
    if (sign === MINUS) value = -value;
    if (!right || value < min || value > max) this.wrong = true;
    return value;
  }
  /** A number with a fraction, from `min` to `max`. */
  decimal(min, max) {
    const bytes = this.bytes;
    this.next();
    let dots = 0;
    let digits = 0;
    for (let at = this.from; at < this.to; at++) {
      const c = bytes[at];
      if (c === DOT3) dots++;
      else if (c >= ZERO4 && c <= NINE2) digits++;
      else if (c !== MINUS || at > this.from) this.wrong = true;
    }
    const value = parseFloat(this.text());
    if (dots > 1 || digits < 1) this.wrong = true;
    if (!(value >= min && value <= max)) this.wrong = true;
    return value;
  }
  /** The parameter that was read last, as text; it has to be printable ASCII. */
  text() {
    for (let at = this.from; at < this.to; at++) {
      const c = this.bytes[at];
      if (c < BLANK2 || c > LAST) this.wrong = true;
    }
    return this.wrong ? "" : textOf(this.bytes, this.from, this.to - this.from);
  }
  /** The next parameter, as text. */
  word() {
    this.next();
    return this.text();
  }
  /**
   * Whether the parameter that was read last is digits, so many for each
   * character: hexadecimal ones, but for `decimalOnly`.
   */
  isDigits(each, decimalOnly) {
    const length = this.to - this.from;
    if (length === 0 || length % each !== 0) return false;
    for (let at = this.from; at < this.to; at++) {
      const c = this.bytes[at];
      if (c >= ZERO4 && c <= NINE2) continue;
      if (decimalOnly || c < A || c > F) return false;
    }
    return true;
  }
};

// src/core/dialogues/talk.ts
var OK2 = 1 /* Ok */ | 2 /* Error */;
var LOCAL = 5e3;
var IRA = 'AT+CSCS="IRA"';
var NOT_OBEYED = "the modem did not obey the command: look it up in the AT command manual";
var UNREADABLE = "the answer of the modem makes no sense, twice: check the wires, or look the command up in the AT command manual of its firmware";
var LF3 = 10;
var Talk = class {
  constructor(modem) {
    /** told when a dialogue is over */
    this.changed = null;
    /** the command that was said last */
    this.command = "";
    /** how long it may take, ms */
    this.timeout = 0;
    /** counts commands that have ended */
    this.steps = 0;
    /** AT+CUSD: which character set has worked, see `ussd.ts` */
    this.ussdSet = 0;
    this.first = null;
    /** the command need not be obeyed */
    this.optional = false;
    /** it has been repeated because its answer made no sense */
    this.repeated = false;
    this.ends = 0 /* No */;
    this.follow = 0 /* Unknown */;
    this.modem = modem;
    this.request = new Request(modem);
    this.request.owner = this;
    this.answer = this.request.answer;
    this.fields = new Fields(this.answer);
  }
  /** Has a dialogue when those before it are over. */
  begin(dialogue) {
    dialogue.over = false;
    dialogue.problem = null;
    dialogue.behind = null;
    let last = this.first;
    if (last === null) {
      this.first = dialogue;
      this.start();
      return;
    }
    while (last.behind !== null) last = last.behind;
    last.behind = dialogue;
  }
  /** Forgets a dialogue. What it has said already the modem may still obey. */
  cancel(dialogue) {
    dialogue.over = true;
    if (this.first === dialogue) {
      this.request.cancel();
      this.first = dialogue.behind;
      this.start();
      return;
    }
    let before = this.first;
    while (before !== null && before.behind !== dialogue)
      before = before.behind;
    if (before !== null) before.behind = dialogue.behind;
  }
  /** Begins with the first one, and with the next if that has nothing to say. */
  start() {
    while (this.first !== null) {
      this.repeated = false;
      if (this.first.next(this)) return;
      this.end(this.first);
    }
  }
  end(dialogue) {
    this.request.answer = this.answer;
    dialogue.over = true;
    this.first = dialogue.behind;
    if (this.changed !== null) this.changed();
  }
  /** The command has ended: the dialogue goes on. */
  ended() {
    const dialogue = this.first;
    this.steps++;
    if (dialogue === null) return;
    const request = this.request;
    const outcome2 = request.outcome;
    if (!this.optional) {
      if (outcome2 !== 0 /* Ok */) this.failed(outcome2);
      else if (request.lost > 0)
        this.fail(
          44 /* TooLong */,
          this.command,
          request.lost + " lines are missing",
          ""
        );
    }
    if (dialogue.next(this)) return;
    this.end(dialogue);
    this.start();
  }
  failed(outcome2) {
    const command = this.command;
    if (outcome2 === 4 /* Aborted */)
      this.fail(
        this.modem.bearer.failure || 49 /* Stopped */,
        command,
        "",
        ""
      );
    else if (outcome2 === 3 /* Timeout */)
      this.fail(
        50 /* Timeout */,
        command,
        refusal(command, -2 /* NoAnswer */),
        ""
      );
    else
      this.fail(
        32 /* CommandRefused */,
        command,
        refusal(command, this.request.cme),
        NOT_OBEYED
      );
  }
  /** The dialogue has failed; the first reason counts. @returns false */
  fail(failure, subject, answer, sentence2) {
    const dialogue = this.current();
    if (dialogue.problem === null)
      dialogue.problem = { failure, subject, answer, sentence: sentence2 };
    return false;
  }
  /** The dialogue that is being had. */
  current() {
    return this.first;
  }
  /** Whether the last command was obeyed, and all before it. */
  obeyed() {
    return this.current().problem === null;
  }
  /**
   * Says a command. @returns true
   * @param timeout in ms
   */
  say(command, timeout) {
    return this.give(command, timeout, OK2, 0 /* Unknown */, false);
  }
  /** Says a command that may fail: what went before it counts. @returns true */
  attempt(command) {
    return this.give(command, LOCAL, OK2, 0 /* Unknown */, true);
  }
  /**
   * Says a command. @returns true
   * @param ends which results end it
   * @param follow the line behind OK that is the real answer
   * @param optional it need not be obeyed
   */
  give(command, timeout, ends, follow, optional) {
    this.command = command;
    this.timeout = timeout;
    this.ends = ends;
    this.follow = follow;
    this.optional = optional;
    this.request.begin(command, ends, timeout, follow, timeout);
    return true;
  }
  /**
   * The answer makes no sense: a byte of it may be damaged. The command is
   * repeated once.
   * @returns whether it is
   */
  again() {
    if (this.repeated) {
      const said = this.said();
      return this.fail(43 /* Unreadable */, this.command, said, UNREADABLE);
    }
    this.repeated = true;
    return this.give(
      this.command,
      this.timeout,
      this.ends,
      this.follow,
      this.optional
    );
  }
  /**
   * Looks for the information response of a name, e.g. `+CBC:`, among those
   * of the last answer, where others may be as well.
   * @returns whether there is one; `fields` are its parameters
   */
  seek(name) {
    return this.seekFrom(name, 0) >= 0;
  }
  /**
   * The same from the place `at` of the answer on.
   * @returns where the line behind it begins, -1 if there is none
   */
  seekFrom(name, at) {
    const bytes = this.request.answer;
    const length = this.request.answerLength;
    const size = name.length;
    while (at < length) {
      const end = find(bytes, LF3, at, length);
      let i = 0;
      if (end - at >= size)
        while (i < size && bytes[at + i] === name.charCodeAt(i)) i++;
      if (i === size) {
        this.fields.begin(bytes, at + size, end);
        return end + 1;
      }
      at = end + 1;
    }
    return -1;
  }
  /** A line of the last answer, as text. @param at where it begins */
  
  /** What the last command said, for an error. */
  said() {
    const n = this.request.answerLength;
    return n > 0 ? textOf(this.request.answer, 0, n - 1) : "";
  }
};

// src/core/dialogues/certificates.ts
var ROOT = "C:\\USER\\ROOT.CRT";
var CLIENT = "C:\\USER\\CLIENT.P12";
var WRITE_TIMEOUT = 3e4;
var PIECE = 1024;
var INPUT_TIME = 10;
var LARGEST_FILE = 16384;
var NO_ROOT = "the modem does not take it, which wants X.509 in DER (not PEM), and firmware that knows this command, of 2020 or later";
var NO_CLIENT = "the modem does not take it, which wants PKCS#12 with its key, and the right password";
var ROOT_COMMAND = "AT+SSLSETROOT";
var CLIENT_COMMAND = "AT+SSLSETCERT";
var LARGEST_NUMBER = 2147483647;
function askSize(talk, path) {
  return talk.attempt(`AT+FSFLSIZE=${path}`);
}
function sizeSaid(talk) {
  const fields = talk.fields;
  if (talk.request.outcome !== 0 /* Ok */ || !talk.seek("+FSFLSIZE:"))
    return -1;
  const size = fields.whole(0, LARGEST_NUMBER);
  return fields.wrong ? -1 : size;
}
function use(talk, path, size, password) {
  if (path === ROOT)
    return talk.say(`${ROOT_COMMAND}="${ROOT}",${size}`, WRITE_TIMEOUT);
  let line = `${CLIENT_COMMAND}="${CLIENT}"`;
  if (password) line += `,"${password}"`;
  talk.give(line, WRITE_TIMEOUT, OK2, 51 /* Imported */, false);
  talk.command = CLIENT_COMMAND;
  return true;
}
function used(talk, settings, path, size, password) {
  const request = talk.request;
  const isRoot = path === ROOT;
  const subject = isRoot ? "root certificate" : "client certificate";
  const sentence2 = isRoot ? NO_ROOT : NO_CLIENT;
  const command = isRoot ? ROOT_COMMAND : CLIENT_COMMAND;
  const dialogue = talk.current();
  if (!talk.obeyed()) {
    if (request.outcome !== 1 /* Refused */) return;
    dialogue.problem = null;
    talk.fail(
      32 /* CommandRefused */,
      subject,
      refusal(command, request.cme),
      sentence2
    );
    return;
  }
  if (isRoot) {
    settings.root = `${ROOT_COMMAND}="${ROOT}",${size}`;
    return;
  }
  if (!talk.seek("+SSLSETCERT:") || talk.fields.whole(0, 0) !== 0) {
    talk.fail(32 /* CommandRefused */, subject, talk.said(), sentence2);
    return;
  }
  settings.client = `${CLIENT_COMMAND}="${CLIENT}"`;
  if (password) settings.client += `,"${password}"`;
}
var StoreCertificate = class {
  /** @param path `ROOT` or `CLIENT` */
  constructor(settings, path, data, password) {
    this.over = false;
    this.problem = null;
    this.behind = null;
    this.step = 0 /* Size */;
    this.asked = false;
    this.at = 0;
    this.settings = settings;
    this.path = path;
    this.data = data;
    this.password = password;
  }
  next(talk) {
    const path = this.path;
    const length = this.data.length;
    if (this.step === 5 /* Used */) {
      used(talk, this.settings, path, length, this.password);
      return false;
    }
    if (!talk.obeyed()) return false;
    switch (this.step) {
      case 0 /* Size */:
        if (!this.asked) {
          this.asked = true;
          if (path === ROOT) this.settings.root = "";
          else this.settings.client = "";
          return askSize(talk, path);
        }
        this.step = 1 /* Create */;
        if (sizeSaid(talk) >= 0)
          return talk.say(`AT+FSDEL=${path}`, LOCAL);
        return this.next(talk);
      case 1 /* Create */:
        this.step = 2 /* Write */;
        return talk.say(`AT+FSCREATE=${path}`, LOCAL);
      case 2 /* Write */:
        return this.write(talk);
      case 3 /* Check */:
        this.step = 4 /* Use */;
        return askSize(talk, path);
    }
    const size = sizeSaid(talk);
    if (size !== length)
      return talk.fail(
        41 /* ReceiveTorn */,
        `write ${path}`,
        "",
        `${size} of ${length} bytes have arrived`
      );
    this.step = 5 /* Used */;
    return use(talk, path, size, this.password);
  }
  write(talk) {
    const left = this.data.length - this.at;
    const length = left < PIECE ? left : PIECE;
    const piece = new Uint8Array(length);
    blit(piece, 0, this.data, this.at, length);
    const mode = this.at > 0 ? 1 : 0;
    talk.say(
      `AT+FSWRITE=${this.path},${mode},${length},${INPUT_TIME}`,
      WRITE_TIMEOUT
    );
    talk.request.data = piece;
    this.at += length;
    if (length === left) this.step = 3 /* Check */;
    return true;
  }
};
var UseCertificates = class {
  constructor(settings, password) {
    this.over = false;
    this.problem = null;
    this.behind = null;
    /** there are any */
    this.found = false;
    this.step = 0 /* Client */;
    this.client = 0;
    this.root = 0;
    this.settings = settings;
    this.password = password;
  }
  next(talk) {
    const settings = this.settings;
    switch (this.step) {
      case 0 /* Client */:
        this.step = 1 /* Root */;
        return askSize(talk, CLIENT);
      case 1 /* Root */:
        this.client = sizeSaid(talk);
        this.step = 2 /* UseClient */;
        return askSize(talk, ROOT);
      case 2 /* UseClient */:
        this.root = sizeSaid(talk);
        this.found = this.client > 0 || this.root > 0;
        this.step = 3 /* UseRoot */;
        if (this.client > 0) return use(talk, CLIENT, 0, this.password);
        break;
      case 4 /* Done */:
        used(talk, settings, ROOT, this.root, "");
        return false;
    }
    if (this.client > 0) used(talk, settings, CLIENT, 0, this.password);
    this.step = 4 /* Done */;
    return talk.obeyed() && this.root > 0 && use(talk, ROOT, this.root, "");
  }
};
var RemoveCertificates = class {
  constructor() {
    this.over = false;
    this.problem = null;
    this.behind = null;
    this.path = CLIENT;
    this.asked = false;
  }
  next(talk) {
    if (!talk.obeyed()) return false;
    if (this.asked) {
      this.asked = false;
      const path = this.path;
      const exists = sizeSaid(talk) >= 0;
      this.path = path === CLIENT ? ROOT : "";
      if (exists) return talk.say(`AT+FSDEL=${path}`, LOCAL);
    }
    this.asked = true;
    return this.path !== "" && askSize(talk, this.path);
  }
};

// src/espruino/errors.ts
function errorOf(message, failure, sent) {
  const error = new Error(message);
  error.failure = failure;
  error.sent = sent;
  return error;
}
function failed(failure, what, answer, sentence2) {
  return errorOf(
    sentence2 ? explain(sentence2, what, answer) : describe(failure, what, answer),
    failure,
    0
  );
}
function bad(name, why) {
  return errorOf('argument "' + name + '": ' + why, 46 /* BadArgument */, 0);
}
function check(name, kind, value, min, max) {
  const why = wrong(kind, value, min, max);
  if (why) throw bad(name, why);
}
function checkObject(name, value) {
  check(name, 5 /* Object */, value, 0, LONGEST_TIME);
}
function checkTime(name, value) {
  check(name, 3 /* Time */, value, 0, LONGEST_TIME);
}
function checkFlag(name, value) {
  check(name, 4 /* Flag */, value, 0, LONGEST_TIME);
}
function checkWord(name, value, words) {
  const why = wrongWord(value, words);
  if (why) throw bad(name, why);
}
function checkAddress(name, value) {
  const why = wrongAddress(value);
  if (why) throw bad(name, why);
}

// src/core/ring.ts
var Ring = class {
  /** @param size in bytes, a power of two */
  constructor(size) {
    /** index of the oldest byte */
    this.tail = 0;
    /** how many bytes are held */
    this.used = 0;
    /** so many have to be held before anybody has to look */
    this.enough = 0;
    if (size < 2 || (size & size - 1) !== 0)
      throw new Error("ring size must be a power of two: " + size);
    this.size = size;
    this.buf = new Uint8Array(size);
  }
  /**
   * Appends what fits of `len` bytes of `src` from `from` on.
   * @returns how many bytes were taken
   */
  put(src, from, len) {
    const size = this.size;
    const free = size - this.used;
    if (len > free) len = free;
    if (len <= 0) return 0;
    const head = this.tail + this.used & size - 1;
    const linear = size - head;
    if (len <= linear) blit(this.buf, head, src, from, len);
    else {
      blit(this.buf, head, src, from, linear);
      blit(this.buf, 0, src, from + linear, len - linear);
    }
    this.used += len;
    return len;
  }
  /**
   * Moves up to `len` of the oldest bytes to `dst` at `at`.
   * @returns how many bytes were moved
   */
  pull(dst, at, len) {
    const size = this.size;
    const tail = this.tail;
    if (len > this.used) len = this.used;
    if (len <= 0) return 0;
    const linear = size - tail;
    if (len <= linear) blit(dst, at, this.buf, tail, len);
    else {
      blit(dst, at, this.buf, tail, linear);
      blit(dst, at + linear, this.buf, 0, len - linear);
    }
    this.tail = tail + len & size - 1;
    this.used -= len;
    return len;
  }
  /** Forgets everything. */
  clear() {
    this.tail = 0;
    this.used = 0;
  }
};

// src/core/connection.ts
var CONNECTIONS = 6;
var SEGMENT = 1460;
var TRAITS2 = new Uint8Array([
  /* Initial       */
  1 /* Over */,
  /* Closed        */
  1 /* Over */,
  /* Wanted        */
  0,
  /* Clearing      */
  0,
  /* Connecting    */
  4 /* Active */ | 16 /* Live */,
  /* Connected     */
  4 /* Active */ | 16 /* Live */ | 2 /* Open */,
  /* RemoteClosing */
  4 /* Active */ | 2 /* Open */,
  /* Closing       */
  4 /* Active */ | 1 /* Over */ | 8 /* Freeing */,
  /* Abandoned     */
  4 /* Active */ | 1 /* Over */ | 8 /* Freeing */,
  /* Quarantine    */
  4 /* Active */ | 1 /* Over */ | 8 /* Freeing */,
  /* Doubtful      */
  4 /* Active */ | 1 /* Over */ | 8 /* Freeing */
]);
var DATAGRAM_HEADER = 8;
var Connection = class {
  constructor(id, rxSize) {
    this.state = 0 /* Initial */;
    /** somebody looks after it; a closed one that nobody wants is free */
    this.owned = false;
    /** counts its uses, so that an owner notices that it is no longer his */
    this.generation = 0;
    /** UDP: `rx` holds datagrams, each behind its header */
    this.udp = false;
    /** name or dotted address of the peer; "" if he has come by himself */
    this.host = "";
    this.port = 0;
    /** AT+CLPORT: the local port, 0 for any */
    this.localPort = 0;
    /** UDP extended mode: datagrams from everybody, to everybody */
    this.extended = false;
    /** the PDP context, 0 or 1 */
    this.context = 0;
    /** TLS over TCP */
    this.tls = false;
    /** TLS: a certificate that is not valid ends the handshake */
    this.verify = false;
    /** TLS: the module shows its own certificate */
    this.authenticate = false;
    /** the peer has connected to the server here */
    this.inbound = false;
    this.senderPort = 0;
    /**
     * how much of it may be read: with AT+CIPRXGET a segment counts when the OK
     * behind it has shown that it is whole
     */
    this.readable = 0;
    /** bytes that came from the modem, and bytes that it has accepted */
    this.received = 0;
    this.sent = 0;
    /** when data came last */
    this.receivedAt = 0;
    /** datagrams for which there was no room */
    this.dropped = 0;
    /** why it is over, None while it is not */
    this.failure = 0 /* None */;
    /** the command that was not obeyed, and the number of its +CME ERROR, or a `Cme` */
    this.refused = 0 /* None */;
    this.cme = -1 /* Plain */;
    this.sendState = 0 /* Idle */;
    this.sendFailure = 0 /* None */;
    /** of the buffer that is being sent: how many bytes the modem has taken */
    this.accepted = 0;
    /** what is left of that buffer: `sourceLeft` bytes from `sourceAt` on */
    this.source = null;
    this.sourceAt = 0;
    this.sourceLeft = 0;
    /** most bytes that the modem takes at a time; 0: to be asked for */
    this.room = 0;
    /** the modem has listed this connection in its answer to AT+CIPSEND? */
    this.roomSeen = false;
    /** how often the modem was busy, or had no room, without a success in between */
    this.refusals = 0;
    /** since when that has been so */
    this.refusedSince = 0;
    /**
     * AT+CIPRXGET=2 has been given and the header of its answer has not come:
     * the modem may have handed out bytes that nobody has heard
     */
    this.asked = false;
    /** how many bytes the modem holds; SEGMENT if it has not said */
    this.waiting = 0;
    /** the modem has said that it holds some, and they were not fetched */
    this.held = false;
    /** reading had the last turn */
    this.hadRead = false;
    /** `host` and `target`, its port, are to be the new destination of datagrams */
    this.retarget = false;
    this.target = 0;
    /** what AT+CLPORT has been told for TCP and UDP */
    this.portSetTcp = 0;
    this.portSetUdp = 0;
    /** what AT+CIPUDPMODE has been told */
    this.extendedSet = false;
    /** with AT+CIPCLOSE=n,1: without waiting for the peer */
    this.quickClose = false;
    /** the modem has not said CLOSED yet, of this use */
    this.closedDue = false;
    /** nor of the one before: a CLOSED may be that */
    this.suspect = false;
    /** there was a connection in the way already */
    this.retried = false;
    /** nothing is done before that */
    this.notBefore = 0;
    /** Connecting, Abandoned, Quarantine: when the modem's time is over */
    this.deadline = 0;
    /** when to look for data without having been told */
    this.pollAt = 0;
    /** what AT+CIPSTATUS says */
    this.audited = 1 /* None */;
    this.id = id;
    this.rx = new Ring(rxSize);
    this.address = new Uint8Array(4);
  }
};
function addUpTo(list, id, rxSize) {
  while (list.length <= id) list.push(new Connection(list.length, rxSize));
}

// src/core/bearer/ip-state.ts
var TABLE3 = new Table([
  // SIMCom's name        state                       what is there
  "",
  0 /* Unknown */,
  0 /* Nothing */,
  "IP INITIAL",
  1 /* IpInitial */,
  0 /* Nothing */,
  "IP START",
  2 /* IpStart */,
  0 /* Nothing */,
  "IP CONFIG",
  3 /* IpConfig */,
  0 /* Nothing */,
  "IP GPRSACT",
  4 /* IpGprsact */,
  1 /* Context */,
  "IP STATUS",
  5 /* IpStatus */,
  2 /* Address */,
  "IP PROCESSING",
  6 /* IpProcessing */,
  2 /* Address */,
  "TCP CONNECTING",
  7 /* TcpConnecting */,
  2 /* Address */,
  "UDP CONNECTING",
  8 /* UdpConnecting */,
  2 /* Address */,
  "SERVER LISTENING",
  9 /* ServerListening */,
  2 /* Address */,
  "CONNECT OK",
  10 /* ConnectOk */,
  2 /* Address */,
  "TCP CLOSING",
  11 /* TcpClosing */,
  2 /* Address */,
  "UDP CLOSING",
  12 /* UdpClosing */,
  2 /* Address */,
  "TCP CLOSED",
  13 /* TcpClosed */,
  2 /* Address */,
  "UDP CLOSED",
  14 /* UdpClosed */,
  2 /* Address */,
  "PDP DEACT",
  15 /* PdpDeact */,
  0 /* Nothing */
], 3);
var HAS = 2;
var ROW3 = 4;
var IP_STATES = TABLE3.texts;
function hasContext(state) {
  return TABLE3.numbers[state * ROW3 + HAS] !== 0 /* Nothing */;
}
function hasAddress(state) {
  return TABLE3.numbers[state * ROW3 + HAS] === 2 /* Address */;
}
function withSingle(state, link, udp, serving) {
  switch (link) {
    case 4 /* Connecting */:
      return udp ? 8 /* UdpConnecting */ : 7 /* TcpConnecting */;
    case 5 /* Connected */:
      return 10 /* ConnectOk */;
    case 7 /* Closing */:
    case 8 /* Abandoned */:
    case 9 /* Quarantine */:
      return udp ? 12 /* UdpClosing */ : 11 /* TcpClosing */;
  }
  if (serving) return 9 /* ServerListening */;
  if (state === 5 /* IpStatus */ || state === 9 /* ServerListening */)
    return 5 /* IpStatus */;
  return udp ? 14 /* UdpClosed */ : 13 /* TcpClosed */;
}

// src/core/bearer/recovery.ts
var REST_MIN = 1e3;
var REST_MAX = 6e4;
var RESET_MIN = 4;
var RESET_MAX = 64;
var PATIENCE_MIN = 3;
var PATIENCE_MAX = 48;
var REBUILDS = 2;
var Recovery = class {
  constructor() {
    /** so many connections may fail in a row */
    this.patience = PATIENCE_MIN;
    /** attempts to get a context that have failed in a row */
    this.fails = 0;
    this.rest = REST_MIN;
    this.resetAfter = RESET_MIN;
    /** contexts brought up anew without any data since */
    this.fruitless = 0;
  }
  /** All attempts begin anew. */
  start() {
    this.rest = REST_MIN;
  }
  /** An attempt has failed. @returns how long to rest, ms */
  failed() {
    this.fails++;
    const rest = this.rest;
    this.rest = rest * 2 < REST_MAX ? rest * 2 : REST_MAX;
    return rest;
  }
  /** Whether so many attempts have failed that the modem is to be reset. */
  resetDue() {
    return this.fails >= this.resetAfter;
  }
  /** The modem is being reset. */
  reset() {
    this.fails = 0;
    if (this.resetAfter < RESET_MAX) this.resetAfter *= 2;
  }
  /** Connections can be made. */
  up() {
    this.fails = 0;
    this.resetAfter = RESET_MIN;
    this.rest = REST_MIN;
  }
  /** Data have come: whatever was wrong is so no more. */
  proved() {
    this.patience = PATIENCE_MIN;
    this.fruitless = 0;
  }
  /** As many connections have failed as may: more are needed next time. */
  lostPatience() {
    if (this.patience < PATIENCE_MAX) this.patience *= 2;
  }
  /** @returns whether the context is to be brought up anew; else the modem is to be reset */
  rebuilds() {
    if (this.fruitless++ < REBUILDS) return true;
    this.fruitless = 0;
    return false;
  }
};

// src/core/bearer/script.ts
var PHASES = [
  "off",
  "synchronising",
  "configuring",
  "waiting for the SIM card",
  "registering",
  "attaching",
  "activating",
  "ready",
  "resting",
  "failed"
];
var SCRIPT = new Uint8Array([
  // step                 command             phase                repeated after  patience  failure                      passed over unless
  //                                                               (0.1 s)         (s)
  0 /* None */,
  0 /* None */,
  0 /* Off */,
  0,
  0,
  0 /* None */,
  0 /* Never */,
  1 /* Synchronise */,
  1 /* At */,
  1 /* Synchronising */,
  1,
  0,
  1 /* NoAnswer */,
  0 /* Never */,
  2 /* EchoOff */,
  2 /* Ate0 */,
  2 /* Configuring */,
  5,
  5,
  14 /* SetupRefused */,
  0 /* Never */,
  3 /* ErrorNumbers */,
  3 /* Cmee */,
  2 /* Configuring */,
  5,
  2,
  0 /* None */,
  0 /* Never */,
  4 /* RateRead */,
  4 /* IprRead */,
  2 /* Configuring */,
  5,
  2,
  0 /* None */,
  0 /* Never */,
  5 /* RateSet */,
  5 /* Ipr */,
  2 /* Configuring */,
  5,
  2,
  0 /* None */,
  0 /* Never */,
  6 /* Save */,
  6 /* Save */,
  2 /* Configuring */,
  5,
  2,
  0 /* None */,
  0 /* Never */,
  7 /* FlowControl */,
  7 /* Ifc */,
  2 /* Configuring */,
  5,
  2,
  0 /* None */,
  0 /* Never */,
  8 /* Dcd */,
  47 /* Dcd */,
  2 /* Configuring */,
  5,
  2,
  14 /* SetupRefused */,
  1 /* Transparent */,
  9 /* Dtr */,
  48 /* Dtr */,
  2 /* Configuring */,
  5,
  2,
  14 /* SetupRefused */,
  2 /* TransparentByDtr */,
  10 /* FunctionalityRead */,
  49 /* CfunRead */,
  2 /* Configuring */,
  5,
  2,
  0 /* None */,
  0 /* Never */,
  11 /* Functionality */,
  50 /* CfunFull */,
  2 /* Configuring */,
  10,
  10,
  14 /* SetupRefused */,
  3 /* SwitchedOff */,
  12 /* PinRead */,
  8 /* CpinRead */,
  3 /* Sim */,
  10,
  20,
  5 /* SimNotReady */,
  0 /* Never */,
  13 /* PinTries */,
  9 /* Spic */,
  3 /* Sim */,
  5,
  10,
  5 /* SimNotReady */,
  0 /* Never */,
  14 /* PinEnter */,
  10 /* Cpin */,
  3 /* Sim */,
  10,
  0,
  8 /* PinRefused */,
  0 /* Never */,
  15 /* CallReady */,
  11 /* Ccalr */,
  3 /* Sim */,
  10,
  30,
  0 /* None */,
  0 /* Never */,
  16 /* Signal */,
  12 /* Csq */,
  4 /* Registering */,
  20,
  10,
  0 /* None */,
  0 /* Never */,
  17 /* Registration */,
  13 /* Creg */,
  4 /* Registering */,
  20,
  120,
  11 /* NotRegistered */,
  0 /* Never */,
  18 /* GprsRegistration */,
  14 /* Cgreg */,
  4 /* Registering */,
  20,
  30,
  0 /* None */,
  0 /* Never */,
  19 /* AttachRead */,
  15 /* CgattRead */,
  5 /* Attaching */,
  20,
  10,
  0 /* None */,
  0 /* Never */,
  20 /* Attach */,
  16 /* Cgatt */,
  5 /* Attaching */,
  20,
  0,
  13 /* NotAttached */,
  0 /* Never */,
  21 /* Messages */,
  51 /* Cnmi */,
  5 /* Attaching */,
  5,
  5,
  0 /* None */,
  4 /* Untold */,
  22 /* SelectSecond */,
  17 /* Cipsgtxt */,
  6 /* Activating */,
  5,
  0,
  0 /* None */,
  5 /* SecondContext */,
  23 /* ShutSecond */,
  18 /* Cipshut */,
  6 /* Activating */,
  10,
  2,
  0 /* None */,
  5 /* SecondContext */,
  24 /* SelectFirst */,
  17 /* Cipsgtxt */,
  6 /* Activating */,
  5,
  0,
  0 /* None */,
  5 /* SecondContext */,
  25 /* Shut */,
  18 /* Cipshut */,
  6 /* Activating */,
  10,
  5,
  14 /* SetupRefused */,
  0 /* Never */,
  26 /* MultiConnection */,
  19 /* Cipmux */,
  6 /* Activating */,
  5,
  5,
  14 /* SetupRefused */,
  0 /* Never */,
  27 /* Tls */,
  36 /* Cipssl */,
  6 /* Activating */,
  5,
  0,
  0 /* None */,
  0 /* Never */,
  28 /* Mode */,
  20 /* Cipmode */,
  6 /* Activating */,
  5,
  2,
  14 /* SetupRefused */,
  6 /* SingleConnection */,
  29 /* Transfer */,
  21 /* Cipccfg */,
  6 /* Activating */,
  5,
  2,
  14 /* SetupRefused */,
  7 /* Transfer */,
  30 /* Prompt */,
  22 /* Cipsprt */,
  6 /* Activating */,
  5,
  1,
  0 /* None */,
  0 /* Never */,
  31 /* SendTimer */,
  23 /* Cipats */,
  6 /* Activating */,
  5,
  2,
  14 /* SetupRefused */,
  8 /* SendTimer */,
  32 /* KeepAlive */,
  24 /* Ciptka */,
  6 /* Activating */,
  5,
  2,
  0 /* None */,
  9 /* KeepAlive */,
  33 /* QuickSend */,
  25 /* Cipqsend */,
  6 /* Activating */,
  5,
  2,
  0 /* None */,
  0 /* Never */,
  34 /* Reception */,
  26 /* Ciprxget */,
  6 /* Activating */,
  5,
  2,
  14 /* SetupRefused */,
  0 /* Never */,
  35 /* Header */,
  27 /* Ciphead */,
  6 /* Activating */,
  5,
  2,
  0 /* None */,
  10 /* PushedHeader */,
  36 /* LazyAccessPoint */,
  28 /* Cipcsgp */,
  6 /* Activating */,
  5,
  2,
  15 /* ApnRefused */,
  11 /* Lazy */,
  37 /* AccessPoint */,
  29 /* Cstt */,
  6 /* Activating */,
  5,
  0,
  15 /* ApnRefused */,
  0 /* Never */,
  38 /* Activate */,
  30 /* Ciicr */,
  6 /* Activating */,
  5,
  0,
  16 /* ActivationRefused */,
  0 /* Never */,
  39 /* Address */,
  31 /* Cifsr */,
  6 /* Activating */,
  5,
  2,
  17 /* NoAddress */,
  0 /* Never */,
  40 /* Audit */,
  32 /* Cipstatus */,
  7 /* Ready */,
  5,
  2,
  42 /* Desynchronised */,
  0 /* Never */,
  41 /* Reset */,
  46 /* Cfun */,
  1 /* Synchronising */,
  5,
  0,
  2 /* Restarted */,
  0 /* Never */
]);
var STRIDE = 7;

// src/core/bearer/search.ts
var SCRIPT2 = new Uint8Array([
  0 /* Nothing */,
  0 /* Nothing */,
  1 /* Escape */,
  2 /* Cancel */,
  0 /* Nothing */,
  3 /* Fill */,
  0 /* Nothing */,
  0 /* Nothing */,
  4 /* Otherwise */
]);
var LAST2 = 8;
var TRIES_PER_RATE = 2;
var PAUSE = 100;
var QUIET = 150;
var GUARD = 1100;
var DTR_PULSE = 100;
var RATE_PAUSE = 200;
var FILL = 1500;
var FILL_PART = 250;
var FILL_PAUSE = 20;
var FILL_GRACE = 500;
var CR4 = 13;
var ESC2 = 27;
var PLUS3 = 43;
var Search = class {
  constructor(config, encoder) {
    /** when there is something to do */
    this.dueAt = 0;
    /** the rate at which the modem is asked */
    this.rate = 0;
    /** DTR is to be low */
    this.dtr = true;
    this.state = 0 /* Asking */;
    /** ATs without an answer */
    this.tries = 0;
    this.rateIndex = 0;
    /** CRs that are still to go out */
    this.filling = 0;
    /** when what is being sent has to be out */
    this.fillBy = 0;
    this.strays = 0;
    this.config = config;
    this.encoder = encoder;
  }
  /** @param rate the one that the modem had last */
  begin(rate, now) {
    this.rate = rate;
    this.state = 0 /* Asking */;
    this.tries = 0;
    this.filling = 0;
    this.fillBy = now;
    this.dueAt = now;
    this.dtr = true;
  }
  /**
   * What is due, once `dueAt` has come.
   * @param strays final result codes so far that belonged to no command
   */
  next(strays, now) {
    const encoder = this.encoder;
    if (this.state === 1 /* Answered */) {
      if (strays === this.strays) return 2 /* Found */;
      this.strays = strays;
      return this.wait(QUIET, now);
    }
    if (encoder.left > 0) {
      if ((now - this.fillBy | 0) < 0) return this.wait(FILL_PAUSE, now);
      encoder.drop();
      this.filling = 0;
    }
    switch (this.state) {
      case 2 /* Silence */:
        this.send(PLUS3, 3, now);
        this.state = this.config.dtr ? 3 /* RaiseDtr */ : 0 /* Asking */;
        return this.wait(GUARD, now);
      case 3 /* RaiseDtr */:
        this.dtr = false;
        this.state = 4 /* LowerDtr */;
        return this.wait(DTR_PULSE, now);
      case 4 /* LowerDtr */:
        this.dtr = true;
        this.state = 0 /* Asking */;
        return this.wait(DTR_PULSE, now);
      case 5 /* Filling */:
        if (this.filling > 0) {
          this.filling -= FILL_PART;
          this.send(CR4, FILL_PART, now);
          return 0 /* Wait */;
        }
        this.state = 0 /* Asking */;
    }
    return 1 /* Ask */;
  }
  wait(ms, now) {
    this.dueAt = now + ms;
    return 0 /* Wait */;
  }
  /** Sends what is no command; it is given up if the UART does not take it. */
  send(byte, count, now) {
    this.encoder.fill(byte, count);
    this.fillBy = now + FILL_GRACE + Math.floor(count * 2e4 / this.rate);
  }
  /** OK to AT. */
  answered(strays, now) {
    this.state = 1 /* Answered */;
    this.strays = strays;
    this.dueAt = now + QUIET;
  }
  /** ERROR to AT: there is somebody, who may be busy. */
  refused(now) {
    this.dueAt = now + PAUSE;
  }
  /**
   * No answer to AT.
   * @param sentAt when it went out
   * @param escapes it can be in data mode, though this program has just used it
   */
  unanswered(sentAt, escapes, now) {
    const tries = ++this.tries;
    this.dueAt = now + PAUSE;
    switch (SCRIPT2[tries < LAST2 ? tries : LAST2]) {
      case 1 /* Escape */:
        if (!escapes) break;
        this.state = 2 /* Silence */;
        this.dueAt = sentAt + GUARD;
        break;
      case 2 /* Cancel */:
        this.send(ESC2, 1, now);
        break;
      case 3 /* Fill */:
        this.state = 5 /* Filling */;
        this.filling = FILL;
        break;
      case 4 /* Otherwise */:
        if (tries === LAST2) return 3 /* Nobody */;
        if ((tries - LAST2) % TRIES_PER_RATE === 0) this.otherRate(now);
    }
    return 0 /* Wait */;
  }
  /** A pin has been pulled: the modem is looked for anew. @param pause ms */
  again(pause, now) {
    this.tries = 0;
    this.dueAt = now + pause;
  }
  /** Goes on at the next rate; behind the last one, from the beginning. */
  otherRate(now) {
    if (this.tries === LAST2) this.rateIndex = -1;
    this.rateIndex++;
    const baud = this.config.baud;
    if (RATES[this.rateIndex] === baud) this.rateIndex++;
    if (this.rateIndex < RATES.length) this.rate = RATES[this.rateIndex];
    else {
      this.rate = baud;
      this.tries = 0;
    }
    this.dueAt = now + RATE_PAUSE;
  }
};

// src/core/bearer/words.ts
function wordsAt(list, line, at, length) {
  const n = length - at;
  if (n <= 0) return -1;
  for (let i = list.length - 1; i >= 0; i--) {
    const words = list[i];
    if (words.length !== n) continue;
    let k = 0;
    while (k < n && words.charCodeAt(k) === line[at + k]) k++;
    if (k === n) return i;
  }
  return -1;
}

// src/core/bearer/sim-pin.ts
var WORDS = [
  "READY",
  "SIM PIN",
  "SIM PUK",
  "PH_SIM PIN",
  "NOT READY",
  "NOT INSERTED",
  "SIM PIN2",
  "SIM PUK2"
];
var MEANINGS = new Uint8Array([
  1 /* Ready */,
  2 /* Wanted */,
  3 /* Locked */,
  3 /* Locked */,
  4 /* NotReady */,
  5 /* Missing */,
  1 /* Ready */,
  1 /* Ready */
]);
var RESERVE = 1;
var UNREAD = -1;
var UNCOUNTED = -2;
var SURE = 2;
var ZERO5 = 48;
var NINE3 = 57;
var SimPin = class {
  constructor() {
    /** why the last verdict was Fail or GiveUp, or may become so */
    this.failure = 0 /* None */;
    /** what AT+CPIN? has said, and how often in a row */
    this.state = 0 /* Unknown */;
    this.times = 0;
    this.read = 0 /* Unknown */;
    /** wrong PINs that the card still accepts, as read last, and before */
    this.tries = UNREAD;
    this.triesBefore = UNREAD;
    /** the PIN has been sent, and what the card thought of it is not known */
    this.sent = false;
    /** the tries that were left then */
    this.triesThen = UNREAD;
    /** how often it was refused in words that mean the PIN itself */
    this.refusals = 0;
    /** the PIN is wrong; that stays so, however often the driver is started */
    this.refused = false;
  }
  /** All attempts begin anew: what ends them has to be said twice again. */
  start() {
    this.times = 0;
  }
  /** AT+CPIN? or AT+SPIC is given: nothing has been read. */
  ask() {
    this.read = 0 /* Unknown */;
    this.tries = UNREAD;
  }
  /** +CPIN: words */
  stateLine(line, at, length) {
    const i = wordsAt(WORDS, line, at, length);
    this.read = i < 0 ? 0 /* Unknown */ : MEANINGS[i];
  }
  /** +SPIC: tries, …; half a line says nothing. */
  triesLine(line, at, tries) {
    const whole = line[at] >= ZERO5 && line[at] <= NINE3 && tries <= 9;
    this.tries = whole ? tries : UNREAD;
  }
  /** Whether there is no card, as far as anybody knows. */
  missing() {
    return this.state === 5 /* Missing */;
  }
  /** AT+CPIN? has ended. @param pin what the application has given, "" if nothing */
  stateEnded(outcome2, cme, pin) {
    let state = this.read;
    if (outcome2 !== 0 /* Ok */) {
      state = 4 /* NotReady */;
      if (cme === 10 /* SimMissing */) state = 5 /* Missing */;
      else if (cme === 11 /* PinRequired */) state = 2 /* Wanted */;
      else if (cme === 12 /* PukRequired */) state = 3 /* Locked */;
      else if (cme === 13 /* SimFailure */) state = 6 /* Broken */;
    }
    this.times = state === this.state ? this.times + 1 : 1;
    this.failure = 0 /* None */;
    this.state = state;
    switch (state) {
      case 1 /* Ready */:
        this.sent = false;
        this.refusals = 0;
        return 1 /* Ready */;
      case 6 /* Broken */:
        this.failure = 6 /* SimFailure */;
        return 5 /* Fail */;
      case 3 /* Locked */:
        this.failure = 10 /* PukRequired */;
        break;
      case 2 /* Wanted */:
        if (pin !== "" && !this.refused) {
          this.triesBefore = UNREAD;
          return 3 /* ReadTries */;
        }
        this.failure = this.refused ? 8 /* PinRefused */ : 7 /* PinRequired */;
        break;
      default:
        return 0 /* Again */;
    }
    return this.times < SURE ? 0 /* Again */ : 6 /* GiveUp */;
  }
  /** AT+SPIC has ended. How many tries are left counts when read twice in a row. */
  triesEnded(outcome2) {
    if (outcome2 === 1 /* Refused */) this.tries = UNCOUNTED;
    const tries = this.tries;
    const sure = tries !== UNREAD && tries === this.triesBefore;
    this.triesBefore = tries;
    this.failure = 0 /* None */;
    if (!sure) return 0 /* Again */;
    const spent = this.sent && (tries < this.triesThen || this.triesThen === UNCOUNTED);
    if (spent || this.refusals >= SURE) {
      this.refused = true;
      this.failure = 8 /* PinRefused */;
      return 6 /* GiveUp */;
    }
    if (tries === UNCOUNTED || tries > RESERVE) return 4 /* Enter */;
    this.failure = 9 /* PinLastTry */;
    return 6 /* GiveUp */;
  }
  /** AT+CPIN= is given: from now on the card may have counted it. */
  enter() {
    this.sent = true;
    this.triesThen = this.triesBefore;
  }
  /**
   * AT+CPIN= has ended. What is not said of the PIN itself may be over soon;
   * for what is, the card has to answer: it has one try less then.
   */
  entered(outcome2, cme) {
    if (outcome2 !== 1 /* Refused */) return 2 /* ReadState */;
    if (cme === -1 /* Plain */ || cme === 16 /* WrongPassword */) {
      this.refusals++;
      return 2 /* ReadState */;
    }
    this.failure = 5 /* SimNotReady */;
    if (cme === 10 /* SimMissing */) this.failure = 4 /* SimMissing */;
    else if (cme === 13 /* SimFailure */) this.failure = 6 /* SimFailure */;
    return 5 /* Fail */;
  }
};

// src/core/bearer.ts
var SECOND = 1e3;
var DENIED_PATIENCE = 2e4;
var KEEP_ALIVE_PROBES = "30,4";
var RESTART_PAUSE = 1e3;
var RESET_PAUSE = 3e3;
var POWER_ON_PAUSE = 4e3;
var POWER_DOWN_PAUSE = 5e3;
var AUDIT_TRIES = 3;
var ANSWER_SIZE2 = 32;
function registered(state) {
  return state === 1 || state === 5;
}
var Bearer = class {
  constructor(modem) {
    this.phase = 0 /* Off */;
    this.state = 0 /* Unknown */;
    /** why the last attempt has failed; None once connections can be made */
    this.failure = 0 /* None */;
    /** the command that was not obeyed, and the number of its +CME ERROR, or a `Cme` */
    this.refused = 0 /* None */;
    this.cme = -1 /* Plain */;
    this.answerLength = 0;
    /** how many times the modem was set up from the beginning */
    this.configured = 0;
    /** how many times the modem has restarted by itself */
    this.restarts = 0;
    /** how many times the network has taken the PDP context away */
    this.deactivations = 0;
    /** how many times the driver has brought the context up anew, and reset the modem */
    this.rebuilds = 0;
    this.resets = 0;
    /** the rate that the UART is to use; whoever owns the UART follows it */
    this.lineBaud = 0;
    /** how long the longest payload can take there, hexadecimal or held up, ms */
    this.segmentTime = 0;
    /** received signal strength of AT+CSQ: 0–31, 99 unknown */
    this.signal = 99;
    /** state of registration of AT+CREG, and of AT+CGREG */
    this.registration = 0;
    this.gprsRegistration = 0;
    this.addressLength = 0;
    /** when there is something to do, if a script is under way */
    this.dueAt = 0;
    /** the step of the script under way; connections wait while there is one */
    this.step = 0 /* None */;
    /** when the present step was tried first */
    this.since = 0;
    /** `failure` is what the SIM card has said once */
    this.doubted = false;
    this.rate = 0;
    this.attached = 0;
    /** AT+CFUN, -1 if that is not known */
    this.functionality = -1;
    /** AT+CNMI has been obeyed: no text comes unasked */
    this.messagesSet = false;
    this.callReady = false;
    this.smsReady = false;
    /** echo was switched off: an echo now means that the modem has restarted */
    this.echoOff = false;
    /** connections live on if the modem has not restarted in the meantime */
    this.resuming = false;
    this.rateSet = false;
    this.outcome = 0 /* Ok */;
    /** what AT+CIPSTATUS says of the whole */
    this.audited = 0 /* Unknown */;
    this.auditTries = 0;
    /** the context was lost while a command of the script was under way */
    this.diverted = false;
    /** the application wants AT+CIPSHUT, or a reset */
    this.shutWanted = false;
    this.resetWanted = false;
    this.modem = modem;
    this.setRate(modem.config.baud);
    this.quick = modem.config.quickSend;
    this.search = new Search(modem.config, modem.encoder);
    this.pin = new SimPin();
    this.recovery = new Recovery();
    this.address = new Uint8Array(16);
    this.answer = new Uint8Array(ANSWER_SIZE2);
  }
  setRate(baud) {
    this.lineBaud = baud;
    this.segmentTime = Math.floor(SEGMENT * 2e4 / baud);
  }
  /** Whether a script is under way, so that connections have to wait. */
  
  start(now) {
    this.recovery.start();
    this.pin.start();
    this.failure = 0 /* None */;
    this.begin(now);
  }
  stop() {
    this.step = 0 /* None */;
    this.shutWanted = false;
    this.resetWanted = false;
    this.become(0 /* Unknown */);
    this.enter(0 /* Off */);
  }
  /** The modem has restarted: nothing of what it knew is left. */
  restarted(now) {
    this.restarts++;
    this.lost(2 /* Restarted */, RESTART_PAUSE, now);
  }
  /** @param pause until it is looked for again, ms */
  lost(failure, pause, now) {
    this.failure = failure;
    this.refused = 0 /* None */;
    this.answerLength = 0;
    this.modem.connections.shut(
      failure === 0 /* None */ ? 27 /* ClosedHere */ : failure
    );
    this.modem.connections.forget();
    this.modem.down(now);
    this.modem.abort();
    this.begin(now);
    this.dueAt = now + pause;
  }
  begin(now) {
    this.become(0 /* Unknown */);
    this.resuming = false;
    this.echoOff = false;
    this.callReady = false;
    this.smsReady = false;
    this.rateSet = false;
    this.messagesSet = false;
    this.auditTries = 0;
    this.diverted = false;
    this.quick = this.modem.config.quickSend;
    this.go(1 /* Synchronise */, now);
  }
  /** +PDP: DEACT: the network has taken the context away. */
  deactivated(now) {
    if (this.state === 15 /* PdpDeact */) return;
    const lazy = this.modem.config.lazy && this.phase === 7 /* Ready */;
    if (!hasContext(this.state) && !lazy) return;
    this.deactivations++;
    this.modem.down(now);
    this.failure = 18 /* PdpDeactivated */;
    this.refused = 0 /* None */;
    this.answerLength = 0;
    this.become(15 /* PdpDeact */);
    this.modem.connections.lost(18 /* PdpDeactivated */);
    const channel = this.modem.channel;
    if (channel.command !== 0 /* None */ && channel.link < 0)
      this.diverted = true;
    else this.go(16 /* Signal */, now);
  }
  /**
   * A command got no answer: find the modem again, then compare what it
   * says of its connections with what is believed here.
   */
  resynchronise(now) {
    if (this.step === 1 /* Synchronise */) return;
    this.resuming = this.phase === 7 /* Ready */;
    this.go(1 /* Synchronise */, now);
  }
  /**
   * One connection after the other has failed. Chapter 12: a new connection
   * has not helped, so the context is brought up anew; if that does not help
   * either, the modem is reset. A server that is down looks the same, so each
   * time more is needed, and connections that are up come first.
   */
  troubled(now) {
    const connections = this.modem.connections;
    connections.failures = 0;
    if (this.phase !== 7 /* Ready */ || connections.anyConnected(now)) return;
    this.recovery.lostPatience();
    if (this.recovery.rebuilds()) {
      this.rebuilds++;
      this.rebuild(18 /* PdpDeactivated */, now);
    } else this.reset(now);
  }
  /** AT+CIPSHUT, and everything that follows it. */
  rebuild(failure, now) {
    this.modem.connections.lost(failure);
    this.modem.down(now);
    this.go(22 /* SelectSecond */, now);
  }
  /** Does what the application wants; the channel is free. */
  wishes(now) {
    const shut = this.shutWanted;
    const reset = this.resetWanted;
    this.shutWanted = false;
    this.resetWanted = false;
    if (this.phase === 0 /* Off */ || this.phase === 9 /* Failed */) return;
    if (reset) this.reset(now);
    else if (shut && this.phase === 7 /* Ready */)
      this.rebuild(27 /* ClosedHere */, now);
  }
  /** The last resort of chapter 12: by its pin if it is wired, else AT+CFUN=1,1. */
  reset(now) {
    this.resets++;
    this.recovery.reset();
    if (!this.modem.config.resetPin) {
      this.go(41 /* Reset */, now);
      return;
    }
    this.modem.resetWanted = true;
    this.lost(this.failure, RESET_PAUSE, now);
  }
  /** Compares beliefs with AT+CIPSTATUS as soon as the channel is free. */
  audit(now) {
    if (this.phase !== 7 /* Ready */ || this.step !== 0 /* None */) return;
    this.go(40 /* Audit */, now);
  }
  /** `STATE:` in front of CONNECT FAIL (manual 8.2.2): why there is no connection. */
  stateLine(now) {
    const link = this.modem.connections.list[0];
    if (link.state !== 4 /* Connecting */) return;
    if (this.ipState() === 15 /* PdpDeact */) this.deactivated(now);
  }
  /** What has become of the single connection. */
  single(link, udp, serving) {
    let state = this.state;
    if (!hasAddress(state)) {
      if (link !== 5 /* Connected */ || !this.modem.config.lazy) return;
      state = 5 /* IpStatus */;
    }
    this.become(withSingle(state, link, udp, serving));
  }
  /** The first connection has come, or the last one has gone. */
  processing(active) {
    if (active && this.state === 5 /* IpStatus */)
      this.become(6 /* IpProcessing */);
    else if (!active && this.state === 6 /* IpProcessing */)
      this.become(5 /* IpStatus */);
  }
  /** What the modem says when it has started or switches itself off, out of turn. */
  line(line, now) {
    let again = this.callReady;
    switch (line) {
      case 44 /* PowerDown */:
        this.lost(3 /* PoweredDown */, POWER_DOWN_PAUSE, now);
        return;
      case 27 /* Pin */:
        if (!again) this.audit(now);
        else if (!this.beforeNetwork()) this.restarted(now);
        return;
      case 40 /* Started */:
      case 41 /* Functionality */:
        if (this.hasNetwork()) again = true;
        break;
      case 20 /* Echo */:
        if (this.echoOff) this.restarted(now);
        return;
      case 42 /* CallReady */:
        if (!again) this.audit(now);
        this.callReady = true;
        break;
      case 43 /* SmsReady */:
        again = this.smsReady;
        this.smsReady = true;
        break;
    }
    if (this.step === 41 /* Reset */) {
      this.lost(this.failure, RESET_PAUSE, now);
      return;
    }
    if (again && this.echoOff) this.restarted(now);
    else if (this.step === 15 /* CallReady */) this.dueAt = now;
  }
  /** Whether the SIM card has not been through with its start. */
  beforeNetwork() {
    switch (this.phase) {
      case 0 /* Off */:
      case 1 /* Synchronising */:
      case 2 /* Configuring */:
      case 3 /* Sim */:
        return true;
    }
    return false;
  }
  hasNetwork() {
    switch (this.phase) {
      case 5 /* Attaching */:
      case 6 /* Activating */:
      case 7 /* Ready */:
        return true;
    }
    return false;
  }
  /** Takes up an information line that the command in flight asked for. */
  information(line) {
    const args = this.modem.results.args;
    const argAt = this.modem.results.argAt;
    const digest = this.modem.digest;
    this.keepAnswer();
    switch (line) {
      case 34 /* Rate */:
        this.rate = args[0];
        break;
      case 27 /* Pin */:
        this.pin.stateLine(digest.line, argAt, digest.lineLength);
        break;
      case 28 /* PinTries */:
        this.pin.triesLine(digest.line, argAt, args[0]);
        break;
      case 41 /* Functionality */:
        this.functionality = args[0];
        break;
      case 29 /* Signal */:
        this.signal = args[0];
        break;
      case 33 /* CallReadyState */:
        if (args[0] === 1) this.callReady = true;
        break;
      case 30 /* Registration */:
        this.registration = args[1];
        break;
      case 31 /* GprsRegistration */:
        this.gprsRegistration = args[1];
        break;
      case 32 /* Attached */:
        this.attached = args[0];
        break;
      case 24 /* State */:
        this.audited = this.ipState();
        break;
    }
  }
  /** Keeps the line for who wants to know what the modem said. */
  keepAnswer() {
    const digest = this.modem.digest;
    this.answerLength = digest.lineLength < ANSWER_SIZE2 ? digest.lineLength : ANSWER_SIZE2;
    blit(this.answer, 0, digest.line, 0, this.answerLength);
  }
  /** Reads the name behind `STATE:`. */
  ipState() {
    const digest = this.modem.digest;
    const at = this.modem.results.argAt;
    const i = wordsAt(IP_STATES, digest.line, at, digest.lineLength);
    return i < 0 ? 0 /* Unknown */ : i;
  }
  /** Gives the next command of the script if it is due; the channel is free. */
  run(now) {
    if ((now - this.dueAt | 0) < 0) return;
    if (this.phase === 8 /* Resting */) {
      if (this.recovery.resetDue()) this.reset(now);
      else this.begin(now);
      return;
    }
    if (this.step === 1 /* Synchronise */ && this.searching(now)) return;
    const config = this.modem.config;
    const channel = this.modem.channel;
    const encoder = this.modem.encoder;
    channel.begin(
      SCRIPT[this.step * STRIDE + 1 /* Command */],
      -1,
      now
    );
    switch (this.step) {
      case 5 /* RateSet */:
        encoder.numbers(config.baud, -1);
        break;
      case 7 /* FlowControl */:
        encoder.text(config.flowControl ? "2,2" : "0,0");
        break;
      case 10 /* FunctionalityRead */:
        this.functionality = -1;
        break;
      case 14 /* PinEnter */:
        encoder.quoted(config.pin);
        this.pin.enter();
        break;
      case 22 /* SelectSecond */:
        encoder.numbers(1, -1);
        break;
      case 24 /* SelectFirst */:
        encoder.numbers(0, -1);
        break;
      case 26 /* MultiConnection */:
        encoder.numbers(+config.multi, -1);
        break;
      case 27 /* Tls */:
        encoder.numbers(0, -1);
        this.modem.connections.tlsSet = 0;
        break;
      case 28 /* Mode */:
        encoder.numbers(+config.transparent, -1);
        break;
      case 29 /* Transfer */:
        encoder.text(config.transfer);
        break;
      case 31 /* SendTimer */:
        encoder.numbers(1, config.sendTimer);
        break;
      case 32 /* KeepAlive */:
        encoder.numbers(config.keepAlive, -1);
        encoder.text(KEEP_ALIVE_PROBES);
        break;
      case 33 /* QuickSend */:
        encoder.numbers(+config.quickSend, -1);
        break;
      case 34 /* Reception */:
        encoder.numbers(+!isPushed(config.reception), -1);
        break;
      case 35 /* Header */:
        encoder.numbers(+(config.reception === 2 /* Push */), -1);
        break;
      case 36 /* LazyAccessPoint */:
      case 37 /* AccessPoint */:
        encoder.quoted(config.apn);
        encoder.quoted(config.user);
        encoder.quoted(config.password);
        break;
      case 38 /* Activate */:
        this.become(3 /* IpConfig */);
        break;
      case 12 /* PinRead */:
      case 13 /* PinTries */:
        this.pin.ask();
        break;
      case 17 /* Registration */:
        this.registration = 0;
        break;
      case 18 /* GprsRegistration */:
        this.gprsRegistration = 0;
        break;
      case 19 /* AttachRead */:
        this.attached = 0;
        break;
      case 40 /* Audit */:
        this.audited = 0 /* Unknown */;
        this.modem.connections.beginAudit();
        break;
    }
  }
  /**
   * The part of synchronising that is not AT.
   * @returns whether AT has to wait
   */
  searching(now) {
    const turn = this.search.next(this.modem.channel.strays, now);
    this.modem.dtr = this.search.dtr;
    this.dueAt = this.search.dueAt;
    if (turn === 2 /* Found */)
      this.go(this.resuming ? 40 /* Audit */ : 2 /* EchoOff */, now);
    return turn !== 1 /* Ask */;
  }
  /** AT has ended. */
  searched(outcome2, now) {
    const search = this.search;
    const channel = this.modem.channel;
    if (outcome2 === 0 /* Ok */) search.answered(channel.strays, now);
    else if (outcome2 !== 3 /* Timeout */) search.refused(now);
    else {
      const escapes = this.modem.config.transparent || !this.resuming;
      const turn = search.unanswered(channel.sentAt, escapes, now);
      if (turn === 3 /* Nobody */) {
        if (this.pull(now)) return;
        this.note(1 /* NoAnswer */);
        this.refused = 0 /* None */;
        this.answerLength = 0;
        this.modem.connections.lost(1 /* NoAnswer */);
        this.resuming = false;
        search.otherRate(now);
        this.modem.changed();
      }
      if (search.rate !== this.lineBaud) this.setRate(search.rate);
    }
    this.dueAt = search.dueAt;
  }
  /**
   * Nothing answers at the rate that it should have: PWRKEY first, for most
   * modules are off when power comes, and RESET when no other rate was it.
   * @returns whether a pin is pulled
   */
  pull(now) {
    const config = this.modem.config;
    if (!config.resetPin) return false;
    const fails = this.recovery.fails++;
    if (config.powerKey && fails === 0) {
      this.modem.powerKeyWanted = true;
      this.search.again(POWER_ON_PAUSE, now);
      this.dueAt = this.search.dueAt;
    } else if (fails > +config.powerKey) this.reset(now);
    else return false;
    return true;
  }
  /** The command of the script has ended. */
  done(outcome2, now) {
    const step = this.step;
    const cme = this.modem.channel.cme;
    this.outcome = outcome2;
    if (this.diverted) {
      this.diverted = false;
      this.go(16 /* Signal */, now);
      return;
    }
    const ok = outcome2 === 0 /* Ok */;
    switch (step) {
      case 1 /* Synchronise */:
        this.searched(outcome2, now);
        return;
      case 2 /* EchoOff */:
        if (ok) {
          this.echoOff = true;
          this.configured++;
        }
        break;
      case 4 /* RateRead */:
        if (ok && this.rate === this.modem.config.baud && this.lineBaud === this.modem.config.baud) {
          this.go(this.rateSet ? 6 /* Save */ : 7 /* FlowControl */, now);
          return;
        }
        if (!ok) break;
        this.go(5 /* RateSet */, now);
        return;
      case 5 /* RateSet */:
        if (!ok) {
          this.go(7 /* FlowControl */, now);
          return;
        }
        this.rateSet = true;
        if (this.lineBaud !== this.modem.config.baud) {
          this.setRate(this.modem.config.baud);
          this.go(1 /* Synchronise */, now);
          this.dueAt = now + 200;
        } else this.go(6 /* Save */, now);
        return;
      case 12 /* PinRead */:
        this.follow(
          this.pin.stateEnded(outcome2, cme, this.modem.config.pin),
          now
        );
        return;
      case 13 /* PinTries */:
        this.follow(this.pin.triesEnded(outcome2), now);
        return;
      case 14 /* PinEnter */:
        this.follow(this.pin.entered(outcome2, cme), now);
        return;
      case 15 /* CallReady */:
        if (ok && !this.callReady) {
          this.again(now);
          return;
        }
        this.go(16 /* Signal */, now);
        return;
      case 16 /* Signal */:
        if (ok && this.signal === 99) {
          this.again(now);
          return;
        }
        this.go(17 /* Registration */, now);
        return;
      case 17 /* Registration */:
        if (registered(this.registration)) break;
        if (outcome2 === 3 /* Timeout */) this.again(now);
        else this.step = 18 /* GprsRegistration */;
        return;
      case 18 /* GprsRegistration */:
        if (registered(this.gprsRegistration)) break;
        if (registered(this.registration)) this.again(now);
        else if ((now - this.since | 0) < DENIED_PATIENCE)
          this.unregistered(now);
        else this.step = 19 /* AttachRead */;
        return;
      case 19 /* AttachRead */:
        if (this.attached === 1) this.go(21 /* Messages */, now);
        else if (registered(this.registration) || registered(this.gprsRegistration))
          this.again(now);
        else this.unregistered(now);
        return;
      case 21 /* Messages */:
        this.messagesSet = ok;
        break;
      case 25 /* Shut */:
        if (!ok) break;
        this.become(1 /* IpInitial */);
        this.modem.connections.shut(18 /* PdpDeactivated */);
        this.modem.down(now);
        break;
      case 33 /* QuickSend */:
        if (outcome2 === 1 /* Refused */) {
          this.quick = false;
          this.go(34 /* Reception */, now);
          return;
        }
        break;
      case 36 /* LazyAccessPoint */:
        if (!ok) break;
        this.up();
        return;
      case 37 /* AccessPoint */:
        if (ok) this.become(2 /* IpStart */);
        break;
      case 38 /* Activate */:
        if (ok) this.become(4 /* IpGprsact */);
        break;
      case 39 /* Address */:
        if (!ok || this.modem.digest.isNoAddress()) {
          this.noAddress(now);
          return;
        }
        this.become(5 /* IpStatus */);
        this.addressLength = this.modem.digest.lineLength;
        blit(this.address, 0, this.modem.digest.line, 0, this.addressLength);
        this.up();
        return;
      case 40 /* Audit */:
        if (this.modem.torn) this.resynchronise(now);
        else if (ok && this.compare(now)) return;
        else if (++this.auditTries < AUDIT_TRIES)
          this.resynchronise(now);
        else if (this.recovery.rebuilds())
          this.lost(42 /* Desynchronised */, 0, now);
        else {
          this.failure = 42 /* Desynchronised */;
          this.reset(now);
        }
        return;
      // whether it says OK before, after or never
      case 41 /* Reset */:
        this.lost(this.failure, RESET_PAUSE, now);
        return;
    }
    if (ok) this.go(step + 1, now);
    else if (outcome2 === 3 /* Timeout */) {
      const failure = SCRIPT[step * STRIDE + 5 /* Failure */];
      this.fail(
        failure === 0 /* None */ || failure === 14 /* SetupRefused */ ? 1 /* NoAnswer */ : failure,
        now
      );
    } else this.again(now);
  }
  /** Neither AT+CREG? nor AT+CGREG? is good: both are asked again. */
  unregistered(now) {
    if (this.registration === 3 && this.gprsRegistration === 3 && (now - this.since | 0) >= DENIED_PATIENCE) {
      this.fail(12 /* RegistrationDenied */, now);
      return;
    }
    this.step = 17 /* Registration */;
    this.enter(4 /* Registering */);
    this.again(now);
  }
  noAddress(now) {
    if (this.outcome === 0 /* Ok */) this.keepAnswer();
    if (this.outcome === 3 /* Timeout */) this.fail(17 /* NoAddress */, now);
    else this.again(now);
  }
  /** Does what the SIM card makes necessary. */
  follow(verdict, now) {
    const failure = this.pin.failure;
    switch (verdict) {
      case 0 /* Again */:
        this.doubted = failure !== 0 /* None */;
        if (this.doubted) this.note(failure);
        this.again(now);
        break;
      case 1 /* Ready */:
        if (this.doubted) this.failure = 0 /* None */;
        this.doubted = false;
        this.go(15 /* CallReady */, now);
        break;
      case 2 /* ReadState */:
        this.go(12 /* PinRead */, now);
        this.dueAt = now + SECOND;
        break;
      case 3 /* ReadTries */:
        this.go(13 /* PinTries */, now);
        break;
      case 4 /* Enter */:
        this.go(14 /* PinEnter */, now);
        break;
      case 5 /* Fail */:
        this.fail(failure, now);
        break;
      case 6 /* GiveUp */:
        this.giveUp(failure);
    }
  }
  /**
   * Compares the answer of AT+CIPSTATUS with what was believed.
   * @returns false if it could not be read
   */
  compare(now) {
    const state = this.audited;
    const connections = this.modem.connections;
    if (state === 0 /* Unknown */) return false;
    if (state === 15 /* PdpDeact */) {
      this.deactivated(now);
      if (this.step === 40 /* Audit */) this.go(16 /* Signal */, now);
      return true;
    }
    if (hasAddress(state) || this.modem.config.lazy) {
      if (!this.modem.config.multi)
        connections.statusLine(0, this.linkState());
      if (!connections.audited(now)) return false;
      this.resuming = false;
      this.auditTries = 0;
      this.step = 0 /* None */;
      this.enter(7 /* Ready */);
      return true;
    }
    this.restarted(now);
    return true;
  }
  /** Connections can be made. */
  up() {
    this.step = 0 /* None */;
    this.failure = 0 /* None */;
    this.recovery.up();
    this.enter(7 /* Ready */);
  }
  /** Whether a step is of no use with this configuration. */
  needless(step) {
    const config = this.modem.config;
    switch (SCRIPT[step * STRIDE + 6 /* Unless */]) {
      case 1 /* Transparent */:
        return !config.transparent;
      case 2 /* TransparentByDtr */:
        return !config.transparent || !config.dtr;
      case 3 /* SwitchedOff */:
        return this.functionality !== 0 && this.functionality !== 4;
      case 4 /* Untold */:
        return this.messagesSet;
      case 5 /* SecondContext */:
        return !this.modem.secondContext;
      case 6 /* SingleConnection */:
        return config.multi;
      case 7 /* Transfer */:
        return config.transfer === "";
      case 8 /* SendTimer */:
        return config.framing !== 2 /* Timer */;
      case 9 /* KeepAlive */:
        return config.keepAlive === 0;
      case 10 /* PushedHeader */:
        return config.transparent || !isPushed(config.reception);
      case 11 /* Lazy */:
        return !config.lazy;
    }
    return false;
  }
  /** What the state of the whole says of the single connection. */
  linkState() {
    switch (this.audited) {
      // AT+CIPSTART is bringing the context up
      case 2 /* IpStart */:
      case 3 /* IpConfig */:
      case 4 /* IpGprsact */:
      case 7 /* TcpConnecting */:
      case 8 /* UdpConnecting */:
        return 2 /* Connecting */;
      case 10 /* ConnectOk */:
        return 3 /* Connected */;
    }
    return 1 /* None */;
  }
  go(step, now) {
    while (this.needless(step)) step++;
    this.step = step;
    this.since = now;
    this.dueAt = now;
    if (step === 1 /* Synchronise */) this.search.begin(this.lineBaud, now);
    this.modem.dtr = true;
    this.enter(SCRIPT[step * STRIDE + 2 /* Phase */]);
  }
  /** Repeats the step after its pause, or is out of patience with it. */
  again(now) {
    const row = this.step * STRIDE;
    const patience = SCRIPT[row + 4 /* Patience */] * SECOND;
    if ((now - this.since | 0) < patience) {
      this.dueAt = now + SCRIPT[row + 3 /* Again */] * TENTH;
      return;
    }
    let failure = SCRIPT[row + 5 /* Failure */];
    if (failure === 0 /* None */) {
      this.go(this.step + 1, now);
      return;
    }
    if (failure === 5 /* SimNotReady */ && this.pin.missing())
      failure = 4 /* SimMissing */;
    this.fail(failure, now);
  }
  /** Ends this attempt; the next one follows after a pause. */
  fail(failure, now) {
    this.note(failure);
    this.modem.connections.lost(failure);
    this.dueAt = now + this.recovery.failed();
    this.enter(8 /* Resting */);
  }
  /** Ends all attempts: the next one could only do harm. */
  giveUp(failure) {
    this.note(failure);
    this.modem.connections.stop(failure);
    this.step = 0 /* None */;
    this.enter(9 /* Failed */);
  }
  /** Keeps what a person will want to know. */
  note(failure) {
    this.failure = failure;
    this.refused = 0 /* None */;
    if (this.outcome === 0 /* Ok */) return;
    this.refused = SCRIPT[this.step * STRIDE + 1 /* Command */];
    this.cme = this.modem.channel.cme;
  }
  enter(phase) {
    if (this.phase === phase) return;
    this.phase = phase;
    this.modem.changed();
  }
  become(state) {
    if (this.state === state) return;
    this.state = state;
    this.modem.changed();
  }
};

// src/core/connections.ts
var PAYLOAD_MAX = 1500;
var RETARGET = 2;
var IGNORE = 0;
var AUTHENTICATE = 1;
var HEX_SEGMENT = 730;
var BACKSPACE = 8;
var CTRL_Z2 = 26;
var ESC3 = 27;
var S2 = 1e3;
var CONNECT_TIMEOUT = 80 * S2;
var LAZY_TIMEOUT = 165 * S2;
var BUSY_PAUSE = 1 * S2;
var ROOM_PAUSE = 200;
var ROOM_TIMEOUT = 120 * S2;
var ANSWER_FRAME = 26 + 6;
var NOTICE = 19;
var ROOM_DEFAULT = 1024;
var PROOF = 300 * S2;
var IDLE3 = 3600 * S2;
var ACCEPT = 10 * S2;
var ACK = 65 * S2;
function hasEnd(source, at, end) {
  return find(source, CTRL_Z2, at, end) >= 0 || find(source, ESC3, at, end) >= 0 || find(source, BACKSPACE, at, end) >= 0;
}
var Connections = class {
  constructor(modem) {
    /** connections with news for their owners, a bit each */
    this.news = 0;
    /** there may be something to do */
    this.work = false;
    /** when to look even if nothing happens */
    this.dueAt = 0;
    /** how many are in use */
    this.active = 0;
    /** something can come from the network: one of them, or the server, is in use */
    this.inUse = false;
    /** lines with a connection number that does not exist */
    this.badNumbers = 0;
    /** the context that AT+CIPSGTXT has selected */
    this.context = 0;
    /** what AT+CIPSSL has been told, -1 if that is not known */
    this.tlsSet = 0;
    /** what AT+SSLOPT=0 and =1 have been told, -1 likewise */
    this.ignoreSet = -1;
    this.authenticateSet = -1;
    /** connections that came in and nobody has asked for yet, a bit each */
    this.incoming = 0;
    /** those whose number a peer took while there was something to read, a bit each */
    this.unread = 0;
    /** somebody wants incoming connections: the server is on */
    this.serving = false;
    /** no connection is opened: the server comes first, or it is refused */
    this.hold = false;
    /** attempts that failed since the last success: chapter 12 */
    this.failures = 0;
    /** the connection that had the last turn */
    this.turn = 0;
    /** AT+CIPSRIP=1 has been given */
    this.senderShown = false;
    /** RECV FROM: has been said, and `sender` holds it for the +IPD behind it */
    this.senderKnown = false;
    this.senderPort = 0;
    /** most that AT+CIPSEND? has told */
    this.usualRoom = 0;
    /** the value that a command in flight sets, and whose it is */
    this.value = 0;
    this.generation = -1;
    this.portOfUdp = false;
    this.modem = modem;
    this.asks = !isPushed(modem.config.reception);
    let most = modem.config.largestBurst;
    if (most > 0) {
      most -= ANSWER_FRAME + NOTICE;
      if (modem.config.reception === 1 /* Hex */) most >>= 1;
      if (most < 1) most = 1;
    }
    this.most = most;
    this.header = new Uint8Array(DATAGRAM_HEADER);
    this.sender = new Uint8Array(4);
    this.size = modem.config.multi ? modem.config.connections : 1;
    this.list = [];
    this.make(0);
  }
  /** The number is used for the first time: it takes its memory now. */
  make(id) {
    addUpTo(this.list, id, this.modem.config.receiveBuffer);
  }
  /**
   * Takes a connection: fill in `udp`, `host` and what else it needs, then
   * `start()` it.
   * @returns its number, or -1 if none is free
   */
  take(now) {
    const link = this.vacant();
    if (link === null) return -1;
    this.renew(link, now);
    link.owned = true;
    return link.id;
  }
  /**
   * Takes a connection for a TCP client, and has it opened.
   * @param host name or dotted address, 1–255 ASCII characters
   * @returns its number, or -1 if none is free
   */
  open(host, port, now) {
    const id = this.take(now);
    if (id < 0) return id;
    const link = this.list[id];
    link.host = host;
    link.port = port;
    this.start(link);
    return id;
  }
  /** Nothing of the use before is left. */
  renew(link, now) {
    link.generation++;
    link.udp = false;
    link.host = "";
    link.port = 0;
    link.localPort = 0;
    link.address[0 + 0] = link.address[0 + 1] = link.address[0 + 2] = link.address[0 + 3] = 0;
    link.senderPort = 0;
    link.extended = false;
    link.context = 0;
    link.tls = false;
    link.verify = false;
    link.authenticate = false;
    link.inbound = false;
    link.quickClose = false;
    link.retarget = false;
    link.rx.clear();
    link.readable = 0;
    link.asked = false;
    link.received = 0;
    link.receivedAt = now - PROOF;
    link.sent = 0;
    link.dropped = 0;
    link.failure = 0 /* None */;
    link.refused = 0 /* None */;
    link.sendState = 0 /* Idle */;
    link.source = null;
    link.room = 0;
    link.refusals = 0;
    link.waiting = 0;
    link.held = false;
    link.retried = false;
    link.notBefore = now;
    this.incoming &= ~(1 << link.id);
  }
  /** Has a connection opened as soon as its context is up. */
  start(link) {
    this.enter(link, 2 /* Wanted */);
  }
  /** A connection is in another state now: everybody who cares learns it. */
  enter(link, state) {
    link.state = state;
    this.work = true;
    this.news |= 1 << link.id;
    this.recount();
  }
  /**
   * The modem has connected a peer of the server, `REMOTE IP:`.
   * @param args the numbers of its address
   */
  accept(id, args, now) {
    if (id >= this.size) {
      this.badNumbers++;
      return;
    }
    this.make(id);
    const link = this.list[id];
    if (link.state !== 0 /* Initial */ && link.owned)
      this.end(link, 1 /* Closed */, 20 /* NumberTaken */);
    const channel = this.modem.channel;
    if (channel.link === id) channel.orphan(now);
    if (link.readable > 0) this.unread |= 1 << id;
    else this.unread &= ~(1 << id);
    this.renew(link, now);
    for (let i = 0; i < 4; i++) link.address[i] = args[i];
    link.inbound = true;
    link.owned = this.serving;
    if (this.serving) {
      this.incoming |= 1 << id;
      this.connected(link, now);
    } else this.end(link, 7 /* Closing */, 27 /* ClosedHere */);
  }
  /** The number of a connection that has come in, -1 if there is none; asked once. */
  accepted() {
    for (let id = 0; id < this.list.length; id++) {
      if ((this.incoming & 1 << id) === 0) continue;
      this.incoming &= ~(1 << id);
      return id;
    }
    return -1;
  }
  /** The modem has restarted: it knows nothing of what it was told. */
  forget() {
    this.context = 0;
    this.tlsSet = 0;
    this.ignoreSet = -1;
    this.authenticateSet = -1;
    this.senderShown = false;
    for (let id = 0; id < this.list.length; id++) {
      const link = this.list[id];
      link.portSetTcp = 0;
      link.portSetUdp = 0;
      link.extendedSet = false;
    }
  }
  /**
   * A free connection; else one that is over, with nothing left to read. With
   * a server there are five, and the modem numbers its own from below.
   */
  vacant() {
    let over = null;
    let free = null;
    let used2 = 0;
    if (this.serving) this.make(this.size - 1);
    const n = this.list.length;
    for (let i = 0; i < n; i++) {
      const link = this.list[this.serving ? i : n - 1 - i];
      if (link.state === 0 /* Initial */) free = link;
      else if (link.state !== 1 /* Closed */) used2++;
      else if (!link.owned) free = link;
      else if (link.readable === 0) over = link;
    }
    if (this.serving && this.modem.config.multi && used2 >= CONNECTIONS - 1)
      return null;
    if (free === null && n < this.size) {
      this.make(n);
      free = this.list[n];
    }
    return free === null ? over : free;
  }
  /**
   * Has bytes sent from where they lie. They must stay there, unchanged,
   * until `sendState` is Done or Failed.
   */
  send(link, source, at, len) {
    if (link.state === 6 /* RemoteClosing */) return 26 /* ClosedByPeer */;
    if (link.state !== 5 /* Connected */)
      return link.failure === 0 /* None */ ? 27 /* ClosedHere */ : link.failure;
    const datagram = link.udp && !this.modem.config.transparent;
    if (datagram && (len === 0 || len > SEGMENT)) return 46 /* BadArgument */;
    if (link.sendState >= 3 /* Wanted */) return 47 /* Busy */;
    link.source = source;
    link.sourceAt = at;
    link.sourceLeft = len;
    link.accepted = 0;
    link.sendFailure = 0 /* None */;
    link.refusals = 0;
    link.sendState = len > 0 ? 3 /* Wanted */ : 1 /* Done */;
    this.work = true;
    return 0 /* None */;
  }
  /**
   * Moves up to `len` received bytes to `buf` at `at`.
   * @returns how many
   */
  read(link, buf, at, len) {
    if (len > link.readable) len = link.readable;
    const n = link.rx.pull(buf, at, len);
    link.readable -= n;
    if (link.waiting > 0 || this.modem.digest.stalled) this.work = true;
    return n;
  }
  /**
   * Takes the header of the next datagram: its sender goes to `address` and
   * `senderPort` of the connection, zeros if the modem has not told him.
   * @returns its length; `read()` has to take just as much
   */
  datagram(link) {
    this.read(link, this.header, 0, DATAGRAM_HEADER);
    blit(link.address, 0, this.header, 4, 4);
    link.senderPort = this.header[2] | this.header[2 + 1] << 8;
    return this.header[0] | this.header[0 + 1] << 8;
  }
  /** Length of the next datagram, -1 if there is none. */
  
  /** Turns what AT+CIPRXGET=3 has sent into what it means. */
  decode(link) {
    const rx = link.rx;
    const mask = rx.size - 1;
    let from = link.readable;
    if (link.udp) from += DATAGRAM_HEADER;
    const start = rx.tail + from;
    const n = rx.used - from >> 1;
    for (let i = 0; i < n; i++) {
      const high = rx.buf[start + 2 * i & mask];
      const low = rx.buf[start + 2 * i + 1 & mask];
      rx.buf[start + i & mask] = (high >= 65 ? high - 55 : high - 48) << 4 | (low >= 65 ? low - 55 : low - 48);
    }
    rx.used = from + n;
  }
  /** What has come of a payload may be read. */
  commit(link) {
    if (link.readable === link.rx.used) return;
    if (this.modem.config.reception === 1 /* Hex */) this.decode(link);
    link.readable = link.rx.used;
    this.news |= 1 << link.id;
  }
  /** Closes a connection and gives it back; unread bytes are forgotten. */
  close(link, now) {
    link.owned = false;
    link.notBefore = now;
    if (link.state === 2 /* Wanted */)
      this.end(link, 0 /* Initial */, 27 /* ClosedHere */);
    else if (link.state === 3 /* Clearing */)
      this.end(link, 7 /* Closing */, 27 /* ClosedHere */);
    else if (link.state === 6 /* RemoteClosing */)
      this.end(link, 1 /* Closed */, 27 /* ClosedHere */);
    else this.refuse(link, 27 /* ClosedHere */);
    link.rx.clear();
    link.readable = 0;
    if (this.modem.digest.sink === link.rx) this.modem.digest.sink = null;
    this.work = true;
  }
  /** Whether no number is free, but one becomes so without anybody's doing. */
  freeing() {
    if (this.vacant() !== null) return false;
    for (let id = 0; id < this.list.length; id++)
      if ((TRAITS2[this.list[id].state] & 8 /* Freeing */) !== 0) return true;
    return false;
  }
  /**
   * The owner of a connection that is being closed wants his buffer back.
   * @returns whether he has it; if not, the modem was promised its bytes
   */
  
  /** All connections are dead, whatever they were doing. */
  lost(failure) {
    for (let id = 0; id < this.list.length; id++) {
      const link = this.list[id];
      this.failSend(link, 1 /* Closed */, failure);
      const traits = TRAITS2[link.state];
      if (link.state === 3 /* Clearing */)
        this.enter(link, 2 /* Wanted */);
      else if ((traits & 4 /* Active */) !== 0) {
        if ((traits & 1 /* Over */) === 0)
          this.end(link, 1 /* Closed */, failure);
        else if (link.state === 7 /* Closing */) this.free(link);
      }
    }
  }
  /** The connections of one context are dead, those of the other are not. */
  lostContext(context, failure) {
    for (let id = 0; id < this.list.length; id++) {
      const link = this.list[id];
      if (link.context !== context || link.state === 0 /* Initial */)
        continue;
      if (link.state === 1 /* Closed */) continue;
      if ((TRAITS2[link.state] & 1 /* Over */) !== 0) this.free(link);
      else this.end(link, 1 /* Closed */, failure);
    }
  }
  /** SHUT OK or a restart: the modem has forgotten all connections. */
  shut(failure) {
    this.lost(failure);
    for (let id = 0; id < this.list.length; id++) {
      const link = this.list[id];
      link.suspect = false;
      link.closedDue = false;
      if ((TRAITS2[link.state] & 8 /* Freeing */) !== 0) this.free(link);
    }
  }
  /** Nothing goes on, for nobody. */
  stop(failure) {
    this.shut(failure);
    for (let id = 0; id < this.list.length; id++) {
      const link = this.list[id];
      if (link.state === 2 /* Wanted */)
        this.end(link, 1 /* Closed */, failure);
    }
  }
  /** A connection is over for its owner, who learns why. */
  end(link, state, failure) {
    link.waiting = 0;
    if (link.failure === 0 /* None */) link.failure = failure;
    if (failure === 14 /* SetupRefused */ || failure === 22 /* ConnectRefused */ || failure === 23 /* ConnectFailed */ || failure === 24 /* ConnectTimeout */)
      this.failures++;
    this.failSend(link, state, failure);
    this.enter(link, state);
  }
  /** The state of the whole follows from those of its connections (chapter 8). */
  recount() {
    if (!this.modem.config.multi) {
      const single = this.list[0];
      const digest = this.modem.digest;
      const data = this.modem.data;
      if (data !== null) data.work = true;
      if (single.state !== 5 /* Connected */) digest.expectPlain(null);
      else if (this.modem.config.reception === 3 /* Plain */)
        digest.expectPlain(single.rx);
    }
    let active = 0;
    for (let id = 0; id < this.list.length; id++)
      if ((TRAITS2[this.list[id].state] & 4 /* Active */) !== 0) active++;
    this.active = active;
    this.inUse = active > 0 || this.serving;
    const bearer = this.modem.bearer;
    if (this.modem.config.multi) bearer.processing(this.inUse);
    else {
      const link = this.list[0];
      bearer.single(link.state, link.udp, this.serving);
    }
  }
  failSend(link, state, failure) {
    const channel = this.modem.channel;
    if (link.sendState === 4 /* InFlight */) {
      const data = this.modem.data;
      const flies = channel.command === 40 /* Cipsend */ && channel.link === link.id;
      if (data !== null && (TRAITS2[state] & 8 /* Freeing */) !== 0) return;
      if (flies && (TRAITS2[state] & 8 /* Freeing */) !== 0) return;
      if (flies && channel.stage !== 1 /* Given */)
        failure = 39 /* SendUnknown */;
      if (data !== null) data.halt();
    } else if (link.sendState !== 3 /* Wanted */) return;
    this.sendEnded(link, failure);
  }
  /** The owner of a buffer may use it again: the modem takes no more of it. */
  sendEnded(link, failure) {
    link.sendState = 2 /* Failed */;
    link.sendFailure = failure;
    link.source = null;
    this.news |= 1 << link.id;
  }
  /** Gives a command for the connection whose turn it is; the channel is free. */
  run(now) {
    this.work = false;
    this.dueAt = now + IDLE3;
    const list = this.list;
    const n = list.length;
    if (this.context !== 0 && this.select(now)) return;
    for (let i = 1; i <= n; i++) {
      let id = this.turn + i;
      if (id >= n) id -= n;
      const link = list[id];
      const state = link.state;
      if (state === 0 /* Initial */ || state === 1 /* Closed */)
        continue;
      const pause = link.notBefore - now | 0;
      if (pause > 0 && pause <= BUSY_PAUSE) {
        this.due(link.notBefore);
        continue;
      }
      if (state === 5 /* Connected */ ? this.exchange(link, now) : this.serve(link, now)) {
        this.turn = link.state === 2 /* Wanted */ ? id - 1 : id;
        this.work = true;
        return;
      }
    }
  }
  /**
   * The first context is the one that is selected, but for AT+CIPSTART.
   * @returns whether a command was given
   */
  select(now) {
    for (let id = 0; id < this.list.length; id++) {
      const link = this.list[id];
      if (!this.hold && link.state === 2 /* Wanted */ && link.context === this.context)
        return false;
    }
    this.value = 0;
    this.generation = -1;
    this.modem.channel.begin(17 /* Cipsgtxt */, 0, now);
    this.modem.encoder.numbers(0, -1);
    this.work = true;
    return true;
  }
  due(at) {
    if ((at - this.dueAt | 0) < 0) this.dueAt = at;
  }
  /** @returns whether a command was given */
  serve(link, now) {
    switch (link.state) {
      case 2 /* Wanted */:
        if (this.hold) return false;
        if (!this.prepare(link, now)) this.connect(link, now);
        return true;
      case 3 /* Clearing */:
      case 7 /* Closing */:
      case 8 /* Abandoned */:
        this.give(44 /* Cipclose */, link, link.quickClose ? 1 : -1, now);
        return true;
      case 4 /* Connecting */:
        if ((link.deadline - now | 0) > 0) this.due(link.deadline);
        else this.refuse(link, 24 /* ConnectTimeout */);
        return false;
      case 9 /* Quarantine */:
        if ((link.deadline - now | 0) > 0) this.due(link.deadline);
        else this.free(link);
        return false;
      case 10 /* Doubtful */:
        this.modem.bearer.audit(now);
        return false;
      case 6 /* RemoteClosing */:
        return this.exchange(link, now);
    }
    return false;
  }
  /** AT+CIPSTART: all that it takes as it finds it has been set. */
  connect(link, now) {
    this.begin(38 /* Cipstart */, link, now);
    const encoder = this.modem.encoder;
    encoder.quoted(link.udp ? "UDP" : "TCP");
    encoder.quoted(link.host);
    encoder.numbers(link.port, -1);
    link.deadline = now + (this.modem.config.lazy ? LAZY_TIMEOUT : CONNECT_TIMEOUT);
    this.enter(link, 4 /* Connecting */);
  }
  /**
   * What AT+CIPSTART takes as it finds it is set first: local port, UDP
   * mode, context, TLS.
   * @returns whether a command was given
   */
  prepare(link, now) {
    const channel = this.modem.channel;
    const encoder = this.modem.encoder;
    this.generation = link.generation;
    if (link.context !== this.context) {
      this.value = link.context;
      channel.begin(17 /* Cipsgtxt */, link.id, now);
      encoder.numbers(this.value, -1);
    } else if (link.localPort !== (link.udp ? link.portSetUdp : link.portSetTcp)) {
      this.value = link.localPort;
      this.portOfUdp = link.udp;
      this.begin(33 /* Clport */, link, now);
      encoder.quoted(link.udp ? "UDP" : "TCP");
      encoder.numbers(this.value, -1);
    } else if (link.extended && !this.senderShown)
      channel.begin(34 /* Cipsrip */, link.id, now);
    else if (link.udp && link.extended !== link.extendedSet) {
      this.value = +link.extended;
      this.begin(35 /* Cipudpmode */, link, now);
      encoder.numbers(this.value, -1);
    } else if (link.tls && !this.trusts(link)) {
      this.value = this.ignoreSet === +!link.verify ? AUTHENTICATE : IGNORE;
      channel.begin(37 /* Sslopt */, link.id, now);
      const on = this.value === IGNORE ? !link.verify : link.authenticate;
      encoder.numbers(this.value, +on);
    } else if (!link.udp && this.tlsSet !== +link.tls) {
      this.value = +link.tls;
      channel.begin(36 /* Cipssl */, link.id, now);
      encoder.numbers(this.value, -1);
    } else return false;
    return true;
  }
  /** Whether AT+SSLOPT is what a connection wants it to be. */
  trusts(link) {
    return this.ignoreSet === +!link.verify && this.authenticateSet === +link.authenticate;
  }
  /** One of these commands, or a new destination, was answered. */
  prepared(link, command, outcome2, now) {
    if (outcome2 === 0 /* Ok */) {
      if (command === 17 /* Cipsgtxt */) this.context = this.value;
      else if (command === 34 /* Cipsrip */) this.senderShown = true;
      else if (command === 36 /* Cipssl */) this.tlsSet = this.value;
      else if (command === 37 /* Sslopt */) this.optionSet(link);
      else if (command === 33 /* Clport */) {
        if (this.portOfUdp) link.portSetUdp = this.value;
        else link.portSetTcp = this.value;
      } else if (this.value < RETARGET)
        link.extendedSet = this.value === 1;
      else if (link.generation === this.generation) link.retarget = false;
      return;
    }
    if (command === 36 /* Cipssl */) {
      if (outcome2 !== 1 /* Refused */) this.tlsSet = -1;
      else if (this.value === 0) {
        this.tlsSet = 0;
        return;
      }
    }
    if (link.generation !== this.generation) {
      if (this.generation < 0) this.context = 0;
      return;
    }
    if (link.state === 2 /* Wanted */) {
      if (outcome2 === 1 /* Refused */)
        this.end(link, 1 /* Closed */, 14 /* SetupRefused */);
    } else if (link.sendState === 3 /* Wanted */)
      this.sendEnded(link, 28 /* SendRefused */);
    link.notBefore = now;
  }
  optionSet(link) {
    const known = link.generation === this.generation;
    if (this.value === IGNORE) this.ignoreSet = known ? +!link.verify : -1;
    else this.authenticateSet = known ? +link.authenticate : -1;
  }
  /** CONNECT: the single connection is in data mode. */
  transparent(now) {
    const link = this.list[0];
    if (link.state === 4 /* Connecting */)
      this.event(8 /* ConnectOk */, 0, now);
    else if (link.state !== 5 /* Connected */) {
      const args = this.modem.results.args;
      for (let i = 0; i < 4; i++) args[i] = 0;
      this.accept(0, args, now);
    }
  }
  /** Bare data have come. */
  plain() {
    const link = this.list[0];
    link.received += link.rx.used - link.readable;
    this.commit(link);
  }
  /** A connection that is not what was asked for, or can not go on, is closed. */
  refuse(link, failure) {
    if (link.state === 4 /* Connecting */)
      this.end(link, 8 /* Abandoned */, failure);
    else if (link.state === 5 /* Connected */)
      this.end(link, 7 /* Closing */, failure);
  }
  /** Reads and sends in turns. */
  exchange(link, now) {
    const config = this.modem.config;
    if (config.transparent) return false;
    if (this.asks) {
      if (link.waiting === 0) {
        if ((link.pollAt - now | 0) <= 0) {
          link.pollAt = now + config.receivePoll * this.active;
          this.give(43 /* CiprxgetCount */, link, -1, now);
          link.waiting = SEGMENT;
          return true;
        }
        this.due(link.pollAt);
      } else {
        const hex = config.reception === 1 /* Hex */;
        let most = hex ? HEX_SEGMENT : SEGMENT;
        const size = link.rx.size;
        let free = size - link.rx.used;
        let wants = link.waiting <= free || free >= size >> 1;
        if (hex) free >>= 1;
        if (link.udp) {
          free -= DATAGRAM_HEADER;
          wants = free >= most;
        } else if (this.most > 0 && this.most < most) most = this.most;
        const sends = link.sendState === 3 /* Wanted */;
        if (wants && !(sends && link.hadRead)) {
          if (free > most) free = most;
          this.give(
            hex ? 42 /* CiprxgetHex */ : 41 /* CiprxgetRead */,
            link,
            free,
            now
          );
          this.modem.channel.deadline += this.modem.bearer.segmentTime;
          link.waiting = 0;
          link.asked = true;
          link.hadRead = true;
          link.pollAt = now + this.modem.config.receivePoll;
          return true;
        }
      }
    }
    link.hadRead = false;
    if (link.sendState !== 3 /* Wanted */) return false;
    if (link.retarget) {
      this.value = RETARGET;
      this.generation = link.generation;
      this.begin(35 /* Cipudpmode */, link, now);
      const encoder = this.modem.encoder;
      encoder.numbers(RETARGET, -1);
      encoder.quoted(link.host);
      encoder.numbers(link.target, -1);
      return true;
    }
    if (link.room === 0) {
      link.roomSeen = false;
      this.modem.channel.begin(39 /* CipsendRead */, link.id, now);
      return true;
    }
    let segment = link.sourceLeft;
    if (segment > link.room) {
      if (link.udp) {
        this.noRoom(link, now);
        this.due(link.notBefore);
        return false;
      }
      segment = link.room;
    }
    link.sendState = 4 /* InFlight */;
    const source = link.source;
    const at = link.sourceAt;
    let framing = config.framing;
    if (framing !== 0 /* Length */ && hasEnd(source, at, at + segment))
      framing = 0 /* Length */;
    const modem = this.modem;
    const length = framing === 0 /* Length */ ? segment : -1;
    this.give(40 /* Cipsend */, link, length, now);
    const wire = modem.bearer.segmentTime;
    modem.channel.send(
      source,
      at,
      segment,
      framing,
      wire,
      wire + config.sendTimer * S2 + (modem.bearer.quick ? ACCEPT : ACK)
    );
    return true;
  }
  /** Begins a command for a connection. */
  begin(command, link, now) {
    const modem = this.modem;
    modem.channel.begin(command, link.id, now);
    if (modem.config.multi) modem.encoder.numbers(link.id, -1);
  }
  /** Gives one that has a single parameter, or none if that is negative. */
  give(command, link, value, now) {
    const modem = this.modem;
    modem.channel.begin(command, link.id, now);
    if (modem.config.multi) modem.encoder.numbers(link.id, value);
    else if (value >= 0) modem.encoder.numbers(value, -1);
  }
  /** A command for a connection has ended. */
  done(id, command, outcome2, now) {
    const link = this.list[id];
    this.work = true;
    if (outcome2 === 1 /* Refused */ || outcome2 === 3 /* Timeout */) {
      link.refused = command;
      link.cme = this.modem.channel.cme;
    }
    switch (command) {
      case 17 /* Cipsgtxt */:
      case 33 /* Clport */:
      case 34 /* Cipsrip */:
      case 35 /* Cipudpmode */:
      case 36 /* Cipssl */:
      case 37 /* Sslopt */:
        this.prepared(link, command, outcome2, now);
        break;
      case 38 /* Cipstart */:
        if (outcome2 === 1 /* Refused */) this.startRefused(link, now);
        break;
      case 39 /* CipsendRead */:
        this.roomAnswered(link, outcome2, now);
        break;
      case 40 /* Cipsend */:
        if (link.sendState !== 4 /* InFlight */) break;
        if (outcome2 !== 0 /* Ok */) {
          this.sendFailed(link, outcome2, now);
          break;
        }
        const n = this.modem.channel.length;
        link.sent += n;
        link.accepted += n;
        link.sourceAt += n;
        link.sourceLeft -= n;
        link.refusals = 0;
        if (n === link.room && n < this.usualRoom) link.room = 0;
        if (link.sourceLeft === 0) {
          link.sendState = 1 /* Done */;
          link.source = null;
          this.news |= 1 << id;
        } else if (link.state === 5 /* Connected */)
          link.sendState = 3 /* Wanted */;
        else this.sendEnded(link, link.failure);
        break;
      case 41 /* CiprxgetRead */:
        if (outcome2 === 0 /* Ok */ && !link.asked && link.state === 5 /* Connected */) {
          if (link.readable === link.rx.used) break;
          link.readable = link.rx.used;
          this.news |= 1 << id;
          break;
        }
        this.readEnded(link, outcome2, now);
        break;
      case 42 /* CiprxgetHex */:
        this.readEnded(link, outcome2, now);
        break;
      case 43 /* CiprxgetCount */:
        if (outcome2 !== 1 /* Refused */) break;
        if (link.state !== 5 /* Connected */) break;
        link.waiting = 0;
        this.modem.bearer.audit(now);
        break;
      case 44 /* Cipclose */:
        this.closeEnded(link, outcome2, now);
        break;
    }
  }
  /** ERROR may be the late answer to something else: nobody knows what is there. */
  startRefused(link, now) {
    if (link.state === 8 /* Abandoned */) {
      this.enter(link, 10 /* Doubtful */);
      this.modem.bearer.audit(now);
    }
    if (link.state !== 4 /* Connecting */) return;
    if (link.cme === 181 /* StackBusy */) {
      if (link.refusals++ === 0) link.refusedSince = now;
      if ((now - link.refusedSince | 0) < CONNECT_TIMEOUT) {
        link.notBefore = now + BUSY_PAUSE;
        this.enter(link, 2 /* Wanted */);
        return;
      }
    }
    this.end(link, 10 /* Doubtful */, 22 /* ConnectRefused */);
    this.modem.bearer.audit(now);
  }
  roomAnswered(link, outcome2, now) {
    if (link.sendState !== 3 /* Wanted */) return;
    if (outcome2 === 1 /* Refused */) link.room = ROOM_DEFAULT;
    else if (outcome2 === 0 /* Ok */ && !link.roomSeen)
      this.modem.bearer.audit(now);
    if (link.room === 0) this.noRoom(link, now);
  }
  /** The modem takes nothing at present: ask again after a pause. */
  noRoom(link, now) {
    link.room = 0;
    link.notBefore = now + ROOM_PAUSE;
    if (link.refusals++ === 0) link.refusedSince = now;
    else if ((now - link.refusedSince | 0) > ROOM_TIMEOUT)
      this.sendDead(link, 28 /* SendRefused */, false, now);
  }
  sendFailed(link, outcome2, now) {
    const prompted = this.modem.channel.stage !== 1 /* Given */;
    if (outcome2 === 1 /* Refused */ && !prompted) {
      if (link.state !== 5 /* Connected */) {
        this.sendEnded(link, link.failure);
        return;
      }
      link.sendState = 3 /* Wanted */;
      this.noRoom(link, now);
      if (link.refusals === 2) this.modem.bearer.audit(now);
      return;
    }
    const certain = outcome2 === 2 /* SendFail */ || this.modem.channel.stage === 4 /* Cancelled */;
    this.sendDead(
      link,
      certain ? 38 /* SendFailed */ : 39 /* SendUnknown */,
      outcome2 === 3 /* Timeout */ && !certain,
      now
    );
  }
  /**
   * A connection that does not send any more is closed (chapter 12).
   * @param late the result may still come
   */
  sendDead(link, failure, late, now) {
    this.sendEnded(link, failure);
    this.failures++;
    if (late) link.deadline = now + (this.modem.bearer.quick ? ACCEPT : ACK);
    if (link.state === 5 /* Connected */)
      this.end(
        link,
        late ? 8 /* Abandoned */ : 7 /* Closing */,
        failure
      );
    else if (late && link.state === 7 /* Closing */)
      this.enter(link, 8 /* Abandoned */);
    this.modem.bearer.audit(now);
  }
  readEnded(link, outcome2, now) {
    if (outcome2 === 1 /* Refused */) {
      link.asked = false;
      link.waiting = 0;
      if (link.state === 5 /* Connected */) this.modem.bearer.audit(now);
      else if (link.held) this.torn(link.id);
    } else if (outcome2 === 0 /* Ok */) {
      if (link.asked) this.torn(link.id);
      else this.commit(link);
    } else if (!link.asked) {
      this.torn(link.id);
    }
    if (link.state === 6 /* RemoteClosing */ && link.waiting === 0 && !link.asked)
      this.end(link, 1 /* Closed */, 26 /* ClosedByPeer */);
  }
  closeEnded(link, outcome2, now) {
    const gone = outcome2 === 0 /* Ok */ || outcome2 === 1 /* Refused */;
    if (this.modem.config.transparent && link.failure === 14 /* SetupRefused */)
      this.failures = this.modem.bearer.recovery.patience;
    if (outcome2 === 0 /* Ok */) link.closedDue = false;
    if (link.state === 3 /* Clearing */)
      this.enter(link, 2 /* Wanted */);
    else if (!gone) link.notBefore = now;
    else if (link.state === 7 /* Closing */) this.free(link);
    else if (link.state === 8 /* Abandoned */)
      this.enter(link, 9 /* Quarantine */);
  }
  /** The modem is through with a connection. */
  free(link) {
    const state = link.owned ? 1 /* Closed */ : 0 /* Initial */;
    this.failSend(link, state, link.failure);
    this.enter(link, state);
  }
  /**
   * A line that says what has become of a connection.
   * @returns whether it is believed
   */
  event(line, id, now) {
    if (id >= this.list.length) {
      this.badNumbers++;
      return false;
    }
    const link = this.list[id];
    const channel = this.modem.channel;
    const starting = channel.command === 38 /* Cipstart */ && channel.link === id;
    this.work = true;
    switch (line) {
      case 8 /* ConnectOk */:
        if (link.state === 4 /* Connecting */) {
          if (!link.udp && this.failures > 0) this.failures--;
          this.connected(link, now);
        } else if (link.state === 8 /* Abandoned */ || link.state === 9 /* Quarantine */) {
          link.deadline = now;
          this.enter(link, 8 /* Abandoned */);
        }
        break;
      case 9 /* ConnectFail */:
        if (link.state === 4 /* Connecting */)
          this.end(link, 1 /* Closed */, 23 /* ConnectFailed */);
        else if (link.state === 8 /* Abandoned */ || link.state === 9 /* Quarantine */)
          this.free(link);
        break;
      case 10 /* AlreadyConnect */:
        if (link.state === 5 /* Connected */ && starting)
          this.refuse(link, 42 /* Desynchronised */);
        if (link.state !== 4 /* Connecting */) break;
        if (link.retried)
          this.end(link, 7 /* Closing */, 22 /* ConnectRefused */);
        else {
          link.retried = true;
          this.enter(link, 3 /* Clearing */);
        }
        break;
      case 12 /* Closed */:
        link.closedDue = false;
        if (link.suspect && (TRAITS2[link.state] & (16 /* Live */ | 2 /* Open */)) !== 0) {
          link.suspect = false;
          this.modem.bearer.audit(now);
          return false;
        }
        this.gone(link);
        break;
      case 4 /* CloseOk */:
        if ((TRAITS2[link.state] & 1 /* Over */) === 0 && !(link.state === 4 /* Connecting */ && link.tls)) {
          this.modem.bearer.audit(now);
          return false;
        }
        this.gone(link);
        break;
    }
    return true;
  }
  /** The modem has connected it. */
  connected(link, now) {
    link.suspect = link.closedDue;
    link.closedDue = true;
    link.refusals = 0;
    link.pollAt = now + this.modem.config.receivePoll;
    this.enter(link, 5 /* Connected */);
  }
  /** The modem says that a connection does not exist any more. */
  gone(link) {
    switch (link.state) {
      case 4 /* Connecting */:
        this.end(
          link,
          1 /* Closed */,
          link.tls ? 25 /* TlsRefused */ : 23 /* ConnectFailed */
        );
        break;
      case 5 /* Connected */:
        if (this.pushed())
          this.end(
            link,
            1 /* Closed */,
            link.held ? 41 /* ReceiveTorn */ : 26 /* ClosedByPeer */
          );
        else {
          this.failSend(
            link,
            6 /* RemoteClosing */,
            26 /* ClosedByPeer */
          );
          this.enter(link, 6 /* RemoteClosing */);
          link.waiting = SEGMENT;
        }
        break;
      case 7 /* Closing */:
      case 8 /* Abandoned */:
      case 9 /* Quarantine */:
      case 10 /* Doubtful */:
        this.free(link);
        break;
    }
  }
  /** Received data come without being asked for. */
  pushed() {
    return !this.asks;
  }
  /** +CIPRXGET: 1,n */
  notice(id) {
    if (id >= this.list.length) {
      this.badNumbers++;
      return;
    }
    const link = this.list[id];
    if (link.waiting === 0) link.waiting = SEGMENT;
    link.held = true;
    this.work = true;
  }
  /** +CIPRXGET: 4,n,count */
  countLine(id, count) {
    if (id >= this.list.length) return;
    const link = this.list[id];
    if (link.state !== 5 /* Connected */) return;
    link.waiting = count;
    link.held = count > 0;
  }
  /**
   * The header of a payload: whose it is, how long, how much more there is.
   * @param left bytes that stay in the modem, 0 in push mode
   * @returns whose it is, -1 if nobody's
   */
  payload(id, len, left) {
    const digest = this.modem.digest;
    if (id >= this.list.length) {
      this.badNumbers++;
      digest.expectPayload(len, null);
      if (id >= CONNECTIONS) this.bytesLost();
      return -1;
    }
    const link = this.list[id];
    const reception = this.modem.config.reception;
    const traits = TRAITS2[link.state];
    const open = reception === 2 /* Push */ ? (
      // what a peer says at once may come in front of CONNECT OK
      (traits & (2 /* Open */ | 16 /* Live */)) !== 0
    ) : link.asked && (traits & 2 /* Open */) !== 0;
    link.asked = false;
    if (open) {
      link.held = left > 0;
      if (left > 0) link.waiting = left;
    }
    const bytes = reception === 1 /* Hex */ ? len << 1 : len;
    let sink = open ? link.rx : null;
    if (open && link.udp && len > 0) {
      const free = link.rx.size - link.rx.used;
      if (free < bytes + DATAGRAM_HEADER) {
        link.dropped++;
        sink = null;
      } else this.pushHeader(link, len);
    }
    this.senderKnown = false;
    if (open) {
      link.received += len;
      link.receivedAt = this.modem.heardAt;
      this.failures = 0;
      this.modem.bearer.recovery.proved();
    }
    digest.expectPayload(bytes, sink);
    return open ? id : -1;
  }
  pushHeader(link, len) {
    const header = this.header;
    set16(header, 0, len);
    if (this.senderKnown) {
      set16(header, 2, this.senderPort);
      blit(header, 4, this.sender, 0, 4);
    } else {
      set16(header, 2, 0);
      set32(header, 4, 0);
    }
    link.rx.put(header, 0, DATAGRAM_HEADER);
  }
  /** Whom the next payload is from: four numbers of the address and the port. */
  sentBy(args, from) {
    for (let i = 0; i < 4; i++) this.sender[i] = args[from + i];
    this.senderPort = args[from + 4];
    this.senderKnown = true;
  }
  /** +CIPSEND: n,size */
  roomLine(id, size) {
    if (id >= this.list.length) return;
    const link = this.list[id];
    link.roomSeen = true;
    link.room = size < SEGMENT ? size : SEGMENT;
    if (link.room > this.usualRoom) this.usualRoom = link.room;
  }
  /** Whether a connection shows that the network is there. */
  anyConnected(now) {
    for (let id = 0; id < this.list.length; id++) {
      const link = this.list[id];
      if (link.state !== 5 /* Connected */) continue;
      const age = now - link.receivedAt | 0;
      if (!link.udp || age >= 0 && age < PROOF) return true;
    }
    return false;
  }
  /** Bytes were lost: the last payload is not what the peer has sent. */
  torn(id) {
    if (id < 0) return;
    const link = this.list[id];
    if ((TRAITS2[link.state] & (2 /* Open */ | 16 /* Live */)) === 0) return;
    link.asked = false;
    link.rx.used = link.readable;
    if (link.udp && !this.pushed()) {
      link.dropped++;
      return;
    }
    if (link.state === 6 /* RemoteClosing */)
      this.end(link, 7 /* Closing */, 41 /* ReceiveTorn */);
    else this.refuse(link, 41 /* ReceiveTorn */);
  }
  /** The UART has lost bytes: pushed payload, which may have been anybody's. */
  bytesLost() {
    if (!this.pushed()) return;
    this.modem.digest.sink = null;
    for (let id = 0; id < this.list.length; id++) this.torn(id);
  }
  /** What the modem has mentioned once may have been lost: it is asked. */
  recheck(now) {
    for (let id = 0; id < this.list.length; id++) this.list[id].pollAt = now;
    this.work = true;
  }
  /** AT+CIPSTATUS is given: what it has said before does not count. */
  beginAudit() {
    for (let id = 0; id < this.list.length; id++)
      this.list[id].audited = 0 /* Unread */;
  }
  /** One connection's line of AT+CIPSTATUS. */
  statusLine(id, state) {
    const there = state === 2 /* Connecting */ || state === 3 /* Connected */;
    if (id < this.size && there) this.make(id);
    if (id < this.list.length) this.list[id].audited = state;
  }
  /**
   * AT+CIPSTATUS is complete: whoever believed something else learns it.
   * @returns false if it could not be read
   */
  audited(now) {
    const list = this.list;
    for (let id = 0; id < list.length; id++)
      if (list[id].audited === 0 /* Unread */) return false;
    for (let id = 0; id < list.length; id++) {
      const link = list[id];
      if (link.asked) this.torn(id);
      const up = link.audited === 3 /* Connected */;
      const there = up || link.audited === 2 /* Connecting */;
      switch (link.state) {
        case 4 /* Connecting */:
          if (up) this.event(8 /* ConnectOk */, id, now);
          else if (!there) this.gone(link);
          break;
        case 5 /* Connected */:
        case 7 /* Closing */:
          if (!there) this.gone(link);
          break;
        case 6 /* RemoteClosing */:
          if (up) this.enter(link, 5 /* Connected */);
          else if (link.waiting === 0)
            this.end(link, 1 /* Closed */, 26 /* ClosedByPeer */);
          break;
        case 10 /* Doubtful */:
          if (there) this.surprise(link, up, now);
          else this.free(link);
          break;
        case 0 /* Initial */:
        case 1 /* Closed */:
          if (there) this.surprise(link, up, now);
          break;
      }
    }
    this.work = true;
    return true;
  }
  /** The modem has a connection that nobody wants. */
  surprise(link, up, now) {
    link.deadline = up ? now : now + CONNECT_TIMEOUT;
    this.enter(link, up ? 7 /* Closing */ : 8 /* Abandoned */);
  }
};

// src/core/foreign-text.ts
var PAUSE2 = 1e3;
var QUIET2 = 100;
var BLANK3 = 32;
var QUOTE5 = 34;
var COMMA4 = 44;
var ZERO6 = 48;
var NINE4 = 57;
var ForeignText = class {
  constructor(digest, results) {
    this.kind = 0 /* None */;
    /** when it is over, unless it is an answer */
    this.until = 0;
    /** something in it may have been true: the modem is to be asked … */
    this.doubt = false;
    /** … and data of a connection may be missing */
    this.doubtfulData = false;
    /** how long a line may take on the wire, ms */
    this.wire = 0;
    /** the line behind the header has not come yet */
    this.first = false;
    this.digest = digest;
    this.results = results;
  }
  /** The line announces text. @param wire how long a line of it may take, ms */
  begin(kind, wire, now) {
    if (this.digest.plain !== null) return;
    this.kind = kind;
    this.first = true;
    this.wire = wire;
    this.until = now + PAUSE2 + wire;
    this.digest.text = true;
  }
  /** An answer that held text is over; what comes soon is suspicious. */
  ended(now) {
    this.kind = 4 /* AnswerEnded */;
    this.digest.text = true;
    this.until = now + QUIET2;
  }
  leave() {
    this.kind = 0 /* None */;
    this.digest.text = false;
  }
  /** Forgets everything: the modem has restarted. */
  reset() {
    this.leave();
    this.doubt = false;
    this.doubtfulData = false;
  }
  /** Whether its time is over now. */
  expire(now) {
    if (this.kind === 3 /* Answer */ || (now - this.until | 0) < 0)
      return false;
    this.leave();
    return true;
  }
  /** When its time is over, if that is before `at`. */
  pollAt(at) {
    if (this.kind === 0 /* None */ || this.kind === 3 /* Answer */) return at;
    if (this.kind === 4 /* AnswerEnded */) return this.until;
    return (this.until - at | 0) < 0 ? this.until : at;
  }
  /**
   * Takes a line that was found while text is expected.
   * @param ends which results end the command in flight
   */
  take(line, ends, now) {
    const framed = this.digest.blank > 0;
    const first = this.first;
    this.first = false;
    switch (this.kind) {
      case 1 /* Message */:
        if (framed && !first || this.expire(now)) break;
        this.until = now + PAUSE2 + this.wire;
        return 1 /* Text */;
      case 2 /* Ussd */:
        if (this.expire(now)) break;
        this.until = now + PAUSE2 + this.wire;
        if (this.closes(false)) this.leave();
        return 1 /* Text */;
      case 3 /* Answer */:
        if (!framed || line === 38 /* Message */ || line === 0 /* Unknown */)
          return 1 /* Text */;
        if ((this.results.traits & 8 /* Foreign */) !== 0) return 0 /* No */;
        if ((this.results.final & ends) !== 0) return 4 /* End */;
        this.distrust(line);
        return 1 /* Text */;
      case 4 /* AnswerEnded */:
        if (!framed) return 3 /* Dropped */;
        if ((this.results.traits & 8 /* Foreign */) !== 0) return 0 /* No */;
        if (line === 0 /* Unknown */) return 2 /* Stranger */;
        this.distrust(line);
        return 3 /* Dropped */;
    }
    this.leave();
    return 0 /* No */;
  }
  distrust(line) {
    this.doubt = true;
    if (line === 21 /* Receive */ || line === 18 /* Ipd */) this.doubtfulData = true;
  }
  /** Whether the line +CUSD: is complete, or the last one of its text. */
  closes(first) {
    const line = this.digest.line;
    const length = this.digest.lineLength;
    let at = length - 1;
    if (length >= line.length - ZEROS) return true;
    while (at >= 0 && (line[at] >= ZERO6 && line[at] <= NINE4 || line[at] === BLANK3))
      at--;
    if (at >= 0 && line[at] === COMMA4) at--;
    if (!first) return at >= 0 && line[at] === QUOTE5;
    const opened = find(line, QUOTE5, 0, length);
    return opened < 0 || opened < at && line[at] === QUOTE5;
  }
};

// src/core/modem.ts
var LINES_PER_POLL = 16;
var DECISION = 100;
var CALL_ENDS = 512 /* Call */ | 256 /* Connect */;
var SENT = 32 /* Sent */ | 64 /* SendFail */;
var DEAF = 1e6;
var REST = 5e3;
var IDLE4 = 36e5;
var SILENCE = 6e5;
var C_STATES = ["CONNECTED", "CONNECTING", "INITIAL", "CLOSED", "REMOTE CLOSING", "CLOSING"];
var LF4 = 10;
var QUOTE6 = 34;
var PLUS4 = 43;
var COMMA5 = 44;
var ZERO7 = 48;
var NINE5 = 57;
var COLON3 = 58;
var UPPER_C = 67;
var UPPER_I = 73;
var UPPER_R = 82;
var UPPER_S = 83;
function callResult(line) {
  switch (line) {
    case 35 /* Busy */:
      return -4 /* Busy */;
    case 36 /* NoReply */:
      return -5 /* NoReply */;
    case 37 /* NoDialtone */:
      return -6 /* NoDialtone */;
  }
  return -3 /* NoCarrier */;
}
var Modem = class {
  constructor(config) {
    this.observer = null;
    /** a feature in the middle of commands that belong together */
    this.exclusive = null;
    /** a second PDP context may be up (chapter 4) */
    this.secondContext = false;
    /** transparent mode */
    this.data = null;
    this.sleep = null;
    /** the platform is to reset the modem by its pin, and to clear this */
    this.resetWanted = false;
    /** the platform is to press PWRKEY, and to clear this */
    this.powerKeyWanted = false;
    /** bytes were lost while the command in flight was */
    this.torn = false;
    /** DCD is low: there is a connection (transparent mode); set by the platform */
    this.dcd = false;
    /** DTR is to be low, that is on; the platform sees to it */
    this.dtr = true;
    /** when the modem has said something that is known, or data have come */
    this.heardAt = 0;
    /** the feature that has given the command in flight */
    this.giver = null;
    /** whose turn it is when both have something to do */
    this.featuresTurn = false;
    /** the connection whose payload came last or is coming, -1 for none */
    this.receiver = -1;
    /** the last poll has left something in the ring that it could deal with */
    this.more = false;
    /** behind what is in the ring, bytes are missing */
    this.gap = false;
    this.stalled = false;
    this.stalledSince = 0;
    /** how much of a payload is to come, and since when it has been so much */
    this.restLeft = 0;
    this.restSince = 0;
    /** how much there is to decide on, and since when */
    this.undecidedUsed = 0;
    this.undecidedSince = 0;
    /** a line that is not known came while the header of data was due … */
    this.doubt = false;
    /** … and another one that was not believed */
    this.doubtful = false;
    this.config = config;
    this.ring = new Ring(config.ring);
    this.digest = new Digest(this.ring);
    this.results = new Results();
    this.encoder = new Encoder();
    this.text = new ForeignText(this.digest, this.results);
    this.channel = new Channel(this.encoder, this.digest);
    this.features = [];
    this.connections = new Connections(this);
    this.bearer = new Bearer(this);
    this.digest.inlineHeaders = !config.multi && config.reception === 2 /* Push */;
  }
  /** Begins to look for the modem and to bring it up. */
  start(now) {
    this.abort();
    this.down(now);
    this.connections.forget();
    this.ring.clear();
    this.connections.dueAt = now;
    this.bearer.start(now);
  }
  /** Lets go of everything; the modem itself is left as it is. */
  stop() {
    this.connections.stop(49 /* Stopped */);
    this.down(0);
    this.abort();
    this.bearer.stop();
  }
  /**
   * Does what is due: to be called with every batch of bytes. First all that has
   * come, for it may be the answer that is waited for; then what does not come any
   * more; then, if the channel is free, the next command, at most one.
   */
  poll(now) {
    const ring = this.ring;
    const digest = this.digest;
    const connections = this.connections;
    const reception = this.config.reception;
    const push = reception === 2 /* Push */;
    let lines = LINES_PER_POLL;
    this.more = false;
    const data = this.data;
    if (data !== null && !data.active()) {
      data.watch(now);
      if (data.watching) return;
    }
    if (data !== null && data.active()) {
      const bearer2 = this.bearer;
      if (bearer2.resetWanted && this.config.resetPin) bearer2.wishes(now);
      else data.poll(now);
      this.heardAt = now;
      this.more = !data.active();
      return;
    }
    while (ring.used > 0) {
      const what = digest.next();
      if (what === 2 /* Line */) {
        this.route(
          this.results.classify(digest.line, digest.lineLength),
          now
        );
        const raw = data !== null && data.active();
        if (--lines > 0 && !raw) continue;
        this.more = true;
        break;
      } else if (what === 4 /* PayloadEnd */) this.payloadEnd();
      else if (what === 3 /* Prompt */) {
        this.channel.prompted(now);
        this.more = ring.used > 0;
        break;
      } else if (what === 5 /* Torn */) {
        connections.torn(this.receiver);
        this.headerLost(now);
        break;
      } else if (what === 6 /* Plain */) {
        connections.plain();
        this.heardAt = now;
      } else if (what === 7 /* Frame */) {
        if (!this.frame(now) && !digest.passFrame()) break;
        const raw = data !== null && data.active();
        if (--lines > 0 && !raw) continue;
        this.more = true;
        break;
      } else {
        this.more = what === 1 /* Pause */;
        break;
      }
    }
    if (digest.payloadLeft > 0 && push && this.receiver >= 0) {
      const link = connections.list[this.receiver];
      const rx = link.rx;
      if (!link.udp && rx.used - link.readable >= rx.size >> 2)
        connections.commit(link);
    }
    const most = ring.size >> 2;
    ring.enough = digest.payloadLeft < most ? digest.payloadLeft : most;
    if (this.more) return;
    if (this.gap) this.mend(now);
    if (this.text.kind !== 0 /* None */) {
      if (this.text.expire(now)) this.askBehindText(now);
      if (this.text.kind === 4 /* AnswerEnded */) return;
    }
    if (digest.undecided) {
      this.undecided(now);
      return;
    }
    this.undecidedUsed = 0;
    if (digest.stalled || this.stalled) {
      this.stall(now);
      if (digest.stalled) return;
    }
    const left = digest.payloadLeft;
    if (left !== this.restLeft) {
      this.restLeft = left;
      this.restSince = now;
    } else if (left > 0 && (now - this.restSince - REST | 0) >= 0)
      this.cutOff();
    const channel = this.channel;
    if (channel.command !== 0 /* None */) {
      if (channel.stage === 2 /* Data */ && this.encoder.left === 0) {
        channel.proceed(now);
      }
      if ((now - channel.deadline | 0) < 0) return;
      if (channel.persist(now)) return;
      this.timeout(now);
    }
    const bearer = this.bearer;
    if (this.sleep !== null && !this.sleep.ready((this.nextAt(now) - now | 0) <= 0, now))
      return;
    if (bearer.shutWanted || bearer.resetWanted) bearer.wishes(now);
    if (connections.failures >= bearer.recovery.patience)
      bearer.troubled(now);
    if (bearer.step !== 0 /* None */) {
      if (bearer.phase === 8 /* Resting */ && (now - bearer.dueAt | 0) < 0)
        this.runFeatures(now, true);
      else bearer.run(now);
    } else if (bearer.phase === 7 /* Ready */) {
      if (this.exclusive !== null) {
        if (this.exclusive.run(now)) this.giver = this.exclusive;
        return;
      }
      if (connections.context !== 0) {
        connections.run(now);
        return;
      }
      const due = connections.work || (now - connections.dueAt | 0) >= 0;
      if (!due && connections.inUse && (now - this.heardAt | 0) >= SILENCE) {
        bearer.audit(now);
        return;
      }
      if (this.features.length === 0 || data !== null && this.dialling(data)) {
        if (due) connections.run(now);
        return;
      }
      if (this.featuresTurn && this.runFeatures(now, false)) return;
      if (due) connections.run(now);
      if (channel.command !== 0 /* None */) this.featuresTurn = true;
      else if (!this.featuresTurn) this.runFeatures(now, false);
    }
  }
  /** CONNECT may come at any time: a command would be data for the peer then. */
  dialling(data) {
    return data.link.state === 4 /* Connecting */;
  }
  /** @returns whether one of them has given a command */
  runFeatures(now, offline) {
    this.featuresTurn = false;
    const features = this.features;
    for (let i = 0; i < features.length; i++) {
      const feature = features[i];
      if (offline && !feature.offline) continue;
      if (!feature.work && (now - feature.dueAt | 0) < 0) continue;
      if (!feature.run(now)) continue;
      this.giver = feature;
      return true;
    }
    return false;
  }
  /** Context or modem are gone: everybody who had something there learns it. */
  down(now) {
    this.giver = null;
    this.exclusive = null;
    for (let i = 0; i < this.features.length; i++)
      this.features[i].down(now);
  }
  /** Offers a line to the features. */
  offer(line) {
    for (let i = 0; i < this.features.length; i++)
      if (this.features[i].line(line)) return true;
    return false;
  }
  /** When `poll()` has something to do even if nothing comes in. */
  pollAt(now) {
    if (this.more) return now;
    if (this.digest.undecided) return this.undecidedSince + DECISION;
    const data = this.data;
    if (data !== null && (data.watching || data.active()))
      return data.pollAt(now);
    if (this.stalled) return this.stalledSince + this.config.stallTimeout;
    let at;
    if (this.channel.command !== 0 /* None */) {
      const channel = this.channel;
      const out = channel.stage === 2 /* Data */ && this.encoder.left === 0;
      at = out ? now : channel.deadline;
    } else {
      at = this.nextAt(now);
      if (this.sleep !== null) at = this.sleep.pollAt(at);
    }
    if (this.digest.payloadLeft > 0) {
      const restAt = this.restSince + REST;
      if ((restAt - at | 0) < 0) return restAt;
    }
    return this.text.kind === 0 /* None */ ? at : this.text.pollAt(at);
  }
  /** When the next command is due. */
  nextAt(now) {
    const bearer = this.bearer;
    if (bearer.shutWanted || bearer.resetWanted) return now;
    const rests = bearer.phase === 8 /* Resting */;
    if (bearer.step !== 0 /* None */ && !rests) return bearer.dueAt;
    if (bearer.phase !== 7 /* Ready */ && !rests) return now + IDLE4;
    let at = bearer.dueAt;
    if (!rests) {
      if (this.connections.work || this.exclusive !== null) return now;
      at = this.connections.dueAt;
      if (this.connections.inUse) {
        const askAt = this.heardAt + SILENCE;
        if ((askAt - at | 0) < 0) at = askAt;
      }
    }
    if (!rests && this.data !== null && this.dialling(this.data)) return at;
    for (let i = 0; i < this.features.length; i++) {
      const feature = this.features[i];
      if (rests && !feature.offline) continue;
      if (feature.work) return now;
      if ((feature.dueAt - at | 0) < 0) at = feature.dueAt;
    }
    return at;
  }
  /** The UART has lost bytes of what the modem has said: those that would be next. */
  bytesLost() {
    this.connections.bytesLost();
    this.gap = true;
  }
  /** What stood before the gap has been dealt with; what else may be missing? */
  mend(now) {
    const channel = this.channel;
    const connections = this.connections;
    const digest = this.digest;
    this.gap = false;
    this.torn = channel.command !== 0 /* None */;
    if (connections.pushed()) return;
    connections.recheck(now);
    digest.skipLine();
    if (channel.command === 41 /* CiprxgetRead */ || channel.command === 42 /* CiprxgetHex */) {
      const link = connections.list[channel.link];
      const whole = !link.asked && digest.payloadLeft === 0;
      link.asked = false;
      this.finish(whole ? 0 /* Ok */ : 3 /* Timeout */, now);
      if (!whole) this.deafen();
      this.bearer.resynchronise(now);
      return;
    }
    if (digest.payloadLeft > 0) {
      connections.torn(this.receiver);
      this.deafen();
    }
    this.bearer.audit(now);
  }
  /**
   * The rest of a torn payload may look like anything: nothing is heard until
   * a command has not been answered.
   */
  deafen() {
    this.receiver = -1;
    this.digest.expectPayload(DEAF, null);
  }
  /** Forgets the command in flight and all that is half received. */
  abort() {
    this.channel.finish();
    this.giver = null;
    this.digest.reset();
    this.stalled = false;
    this.torn = false;
    this.text.reset();
    this.doubt = false;
    this.doubtful = false;
  }
  /** Phase, state or failure of the bearer have changed. */
  changed() {
    if (this.observer !== null) this.observer.onChange();
  }
  /**
   * What may be a line amid bare data is one if it can be expected.
   * @returns whether it was
   */
  frame(now) {
    const digest = this.digest;
    const command = this.channel.command;
    const line = this.results.classify(digest.line, digest.lineLength);
    let ours = command !== 0 /* None */;
    if (line === 0 /* Unknown */)
      ours = command === 54 /* Custom */ || digest.line[0] === PLUS4 && digest.line[1] === UPPER_C;
    else if ((this.results.traits & (4 /* AmidData */ | 2 /* Unsolicited */)) !== 0)
      ours = true;
    if (!ours) return false;
    digest.takeFrame(
      command !== 0 /* None */ && (this.results.traits & 2 /* Unsolicited */) === 0 && this.results.final === 0 /* No */
    );
    this.route(line, now);
    return true;
  }
  /** Waits for the rest of what may be a line, but not for long. */
  undecided(now) {
    const used2 = this.ring.used;
    if (used2 !== this.undecidedUsed) {
      this.undecidedUsed = used2;
      this.undecidedSince = now;
    }
    if ((now - this.undecidedSince - DECISION | 0) < 0) return;
    this.digest.decide = true;
    this.undecidedUsed = 0;
    this.more = true;
  }
  /**
   * Gives a line to whom it belongs: text of somebody else first, then what is an
   * event whatever is going on, then the information and the end of the command in
   * flight; what is left goes to the features, and to who listens for URCs.
   */
  route(line, now) {
    const results = this.results;
    const channel = this.channel;
    const args = results.args;
    const multi = this.config.multi;
    if (this.text.kind !== 0 /* None */ && this.isText(line, now)) return;
    if (this.doubt && this.isData(line, now)) return;
    if (line !== 0 /* Unknown */) this.heardAt = now;
    let index = results.link;
    const link = index < 0 && !multi ? 0 : index;
    switch (line) {
      case 22 /* RxGet */:
        if (!this.rxGet(results.argc) && this.reading())
          this.headerLost(now);
        return;
      case 21 /* Receive */:
        if (results.argc < 2 || !results.exact || args[1] > PAYLOAD_MAX) {
          this.headerLost(now);
          return;
        }
        if (results.argc === 7) this.connections.sentBy(args, 2);
        this.payload(args[0], args[1], 0);
        return;
      case 18 /* Ipd */:
        if (results.argc === 0 || args[0] > PAYLOAD_MAX)
          this.headerLost(now);
        else this.payload(0, args[0], 0);
        return;
      case 17 /* ReceivedFrom */:
        if (results.argc === 5) this.connections.sentBy(args, 0);
        return;
      case 11 /* RemoteIp */:
        if (link >= 0 && results.argc === 4)
          this.connections.accept(link, args, now);
        return;
      case 13 /* Connect */:
        if ((channel.ends & 256 /* Connect */) !== 0) break;
        if (this.data === null) return;
        this.connections.transparent(now);
        this.data.enter(now);
        return;
      case 8 /* ConnectOk */:
        if (link >= 0) this.connections.event(line, link, now);
        if (this.data !== null)
          this.connections.refuse(
            this.connections.list[0],
            14 /* SetupRefused */
          );
        return;
      case 9 /* ConnectFail */:
      case 10 /* AlreadyConnect */:
      case 12 /* Closed */:
        if (link < 0) return;
        if (!this.connections.event(line, link, now)) return;
        if (link !== channel.link) return;
        if (line === 12 /* Closed */) channel.orphan(now);
        else if (line === 10 /* AlreadyConnect */ && channel.command === 38 /* Cipstart */)
          this.finish(0 /* Ok */, now);
        return;
      case 39 /* PdpDeact */:
        if (channel.command === 30 /* Ciicr */) return;
        channel.orphan(now);
        this.bearer.deactivated(now);
        return;
      case 23 /* SendRoom */:
        if (channel.information !== line) break;
        if (multi) this.connections.roomLine(args[0], args[1]);
        else this.connections.roomLine(0, args[0]);
        return;
      case 41 /* Functionality */:
        if (channel.information === line && results.argc > 0) break;
        if (results.argc > 0 && args[0] === 1)
          this.bearer.line(line, now);
        return;
      case 40 /* Started */:
      case 42 /* CallReady */:
      case 43 /* SmsReady */:
      case 20 /* Echo */:
      case 44 /* PowerDown */:
        if (line === 20 /* Echo */ && this.offer(line)) return;
        this.bearer.line(line, now);
        return;
      case 27 /* Pin */:
        if (channel.information !== line && channel.command !== 54 /* Custom */)
          this.bearer.line(line, now);
        break;
      case 30 /* Registration */:
      case 31 /* GprsRegistration */:
        if (results.argc >= 2) break;
        this.urc();
        return;
      case 0 /* Unknown */:
        if (this.isHeader()) {
          this.headerLost(now);
          return;
        }
        if (this.reading()) this.doubt = true;
        if (!this.offer(line)) this.urc();
        return;
      case 1 /* Ok */:
        if ((channel.ends & 128 /* Status */) !== 0) return;
        break;
      case 24 /* State */:
        if ((channel.ends & 128 /* Status */) === 0) {
          if (!multi) this.bearer.stateLine(now);
          return;
        }
        this.bearer.information(line);
        this.offer(line);
        if (multi && (channel.command !== 32 /* Cipstatus */ || this.bearer.audited !== 1 /* IpInitial */))
          return;
        break;
      case 25 /* LinkStatus */:
        if ((channel.ends & 128 /* Status */) === 0) return;
        this.connections.statusLine(args[0], this.linkState());
        this.offer(line);
        if (args[0] !== CONNECTIONS - 1) return;
        break;
      case 7 /* DataAccept */:
        if (results.argc === 2) index = args[0];
        break;
      case 46 /* Delivered */:
      case 47 /* StatusReport */:
        if (line === 46 /* Delivered */ || results.argc === 1)
          this.text.begin(1 /* Message */, this.bearer.segmentTime, now);
        this.urc();
        return;
      case 38 /* Message */:
        if (!channel.holdsText) {
          if (channel.command !== 54 /* Custom */)
            this.text.begin(
              1 /* Message */,
              this.bearer.segmentTime,
              now
            );
        } else
          this.text.begin(3 /* Answer */, this.bearer.segmentTime, now);
        if (!this.offer(line)) this.urc();
        return;
      case 50 /* Ussd */:
        if (!this.text.closes(true))
          this.text.begin(2 /* Ussd */, this.bearer.segmentTime, now);
        break;
      case 2 /* Error */:
        this.errorNumber();
        break;
    }
    if (channel.information === line && line !== 24 /* State */) {
      this.bearer.information(line);
      return;
    }
    const end = results.final;
    const ends = (end & channel.ends) !== 0 && channel.stage !== 4 /* Cancelled */ && ((end & SENT) === 0 || channel.stage === 3 /* Result */ || channel.stage === 2 /* Data */ && (end === 64 /* SendFail */ || this.encoder.left === 0 && channel.filler === 0)) && (index < 0 || index === channel.link || end === 128 /* Status */);
    if (ends) {
      let outcome2 = 0 /* Ok */;
      if (line === 2 /* Error */) outcome2 = 1 /* Refused */;
      else if ((end & CALL_ENDS) !== 0 && line !== 13 /* Connect */) {
        outcome2 = 1 /* Refused */;
        channel.cme = callResult(line);
      } else if (line === 6 /* SendFail */) outcome2 = 2 /* SendFail */;
      this.finish(outcome2, now);
      return;
    }
    if (end !== 0 /* No */ && end !== 128 /* Status */) channel.strays++;
    if (line === 4 /* CloseOk */ && link >= 0)
      this.connections.event(line, link, now);
    else if ((end & CALL_ENDS) !== 0) this.urc();
    else if (end === 0 /* No */ && !this.offer(line) && (results.traits & 32 /* Told */) !== 0)
      this.urc();
  }
  /** Whether a line is text of somebody else, which is dealt with then. */
  isText(line, now) {
    const text = this.text;
    switch (text.take(line, this.channel.ends, now)) {
      case 0 /* No */:
        return false;
      case 1 /* Text */:
        this.tellText();
        break;
      case 2 /* Stranger */:
        this.urc();
        break;
      case 4 /* End */:
        if (line === 2 /* Error */) this.errorNumber();
        this.finish(
          line === 1 /* Ok */ ? 0 /* Ok */ : 1 /* Refused */,
          now
        );
        text.ended(now);
    }
    if (text.doubtfulData) {
      text.doubtfulData = false;
      this.connections.bytesLost();
    }
    return true;
  }
  /** What text may have hidden the modem is asked for. */
  askBehindText(now) {
    if (!this.text.doubt) return;
    this.text.doubt = false;
    this.connections.recheck(now);
    this.bearer.audit(now);
  }
  /** Gives a line of text to who has asked for it; others see a LF in front of it. */
  tellText() {
    if (this.offer(48 /* Text */)) return;
    const line = this.digest.line;
    let n = this.digest.lineLength;
    if (n < line.length) this.digest.lineLength = n + 1;
    else n--;
    for (; n > 0; n--) line[n] = line[n - 1];
    line[0] = LF4;
    this.urc();
  }
  /** Whether more lines of a text come. */
  inText() {
    return this.text.kind !== 0 /* None */;
  }
  /** Keeps the number of a +CME ERROR or +CMS ERROR. */
  errorNumber() {
    const results = this.results;
    const channel = this.channel;
    channel.cme = results.argc > 0 ? results.args[0] : -1 /* Plain */;
    if (results.argc > 0 && this.digest.line[3] === UPPER_S)
      channel.cme += CMS;
  }
  /** AT+CIPRXGET=2 has been given, and the header of its answer has not come. */
  reading() {
    const channel = this.channel;
    return (channel.command === 41 /* CiprxgetRead */ || channel.command === 42 /* CiprxgetHex */) && this.connections.list[channel.link].asked;
  }
  /** Whether a line that is not known may be what is left of a header of data. */
  isHeader() {
    const line = this.digest.line;
    const length = this.digest.lineLength;
    const last = line[length - 1];
    const pushed = this.connections.pushed();
    if (pushed ? !this.connections.inUse : !this.reading()) return false;
    if (line[0] === PLUS4) {
      if (!pushed && line[1] === UPPER_C && line[2] === UPPER_I)
        return true;
      if (pushed && (line[1] === UPPER_R || line[1] === UPPER_I))
        return true;
    }
    let commas = 0;
    for (let i = 0; i < length; i++) {
      if (line[i] === QUOTE6) return false;
      if (line[i] === COMMA5) commas++;
    }
    if (pushed) return commas > 0 && last === COLON3;
    return commas > 1 && last >= ZERO7 && last <= NINE5;
  }
  /**
   * A header was not understood: what comes behind it are data, which may
   * look like anything.
   */
  headerLost(now) {
    const connections = this.connections;
    const command = this.channel.command;
    if (connections.pushed()) connections.bytesLost();
    else if (command === 41 /* CiprxgetRead */ || command === 42 /* CiprxgetHex */) {
      connections.torn(this.channel.link);
      this.finish(3 /* Timeout */, now);
    }
    this.deafen();
    this.bearer.resynchronise(now);
  }
  /**
   * A line that is not known came where a header was due: it was a URC, or
   * what follows are data.
   */
  isData(line, now) {
    if (!this.reading()) return false;
    if (line === 22 /* RxGet */) return false;
    if (line === 1 /* Ok */ || line === 2 /* Error */) this.headerLost(now);
    else this.doubtful = true;
    return true;
  }
  /**
   * +CIPRXGET: 1,n · 2,n,len,left · 4,n,count; n only with several connections
   * @returns false if it is none of these
   */
  rxGet(argc) {
    const args = this.results.args;
    const connections = this.connections;
    const mode = args[0];
    const first = +this.config.multi;
    const id = first === 1 ? args[1] : 0;
    if (mode === 1 && argc > first && argc !== first + 3) {
      connections.notice(id);
      return true;
    }
    if (!this.results.exact) return false;
    if (argc === first + 2) {
      const asked = this.channel.information === 22 /* RxGet */;
      if (mode !== 4) return false;
      if (asked) connections.countLine(id, args[first + 1]);
    } else if ((mode === 2 || mode === 3) && argc === first + 3) {
      const one = args[first + 1];
      const other = args[first + 2];
      if (one > PAYLOAD_MAX) return false;
      if (!this.config.confirmedNumbers) this.payload(id, one, other);
      else this.payload(id, other, one === other ? SEGMENT : 0);
    } else return false;
    return true;
  }
  /** The command in flight has ended: whoever gave it goes on. */
  finish(outcome2, now) {
    const channel = this.channel;
    const link = channel.link;
    const command = channel.command;
    const giver = this.giver;
    this.giver = null;
    if (outcome2 === 3 /* Timeout */) channel.cme = -2 /* NoAnswer */;
    if (link >= 0) this.connections.done(link, command, outcome2, now);
    channel.finish();
    if (this.text.kind === 3 /* Answer */) this.text.leave();
    if (giver !== null) giver.done(command, outcome2, now);
    else if (link < 0) this.bearer.done(outcome2, now);
    this.torn = false;
    this.doubt = false;
    if (!this.doubtful) return;
    this.doubtful = false;
    this.connections.recheck(now);
    this.bearer.audit(now);
  }
  timeout(now) {
    const scripted = this.channel.link < 0 && this.giver === null;
    this.channel.timeouts++;
    if (this.digest.payloadLeft > 0) this.cutOff();
    this.finish(3 /* Timeout */, now);
    if (!scripted) this.bearer.resynchronise(now);
  }
  /** The rest of a payload does not come: bytes were lost, of it or of its length. */
  cutOff() {
    this.connections.torn(this.receiver);
    this.digest.reset();
  }
  payload(id, len, left) {
    this.receiver = this.connections.payload(id, len, left);
  }
  /** A payload that was not asked for, or not any more, has no OK behind it. */
  payloadEnd() {
    const channel = this.channel;
    const id = this.receiver;
    if (id >= 0 && (channel.command !== 41 /* CiprxgetRead */ && channel.command !== 42 /* CiprxgetHex */ || channel.link !== id))
      this.connections.commit(this.connections.list[id]);
  }
  /** The reader of a connection is too slow for what is pushed at it. */
  stall(now) {
    if (!this.stalled) {
      this.stalled = true;
      this.stalledSince = now;
    }
    if (!this.digest.stalled) {
      this.channel.deadline += now - this.stalledSince;
      this.stalled = false;
    } else if ((now - this.stalledSince | 0) >= this.config.stallTimeout) {
      this.digest.sink = null;
      this.digest.stalled = false;
      const id = this.digest.plain === null ? this.receiver : 0;
      if (id >= 0)
        this.connections.refuse(
          this.connections.list[id],
          40 /* ReceiveOverrun */
        );
    }
  }
  urc() {
    if (this.observer !== null)
      this.observer.onUrc(this.digest.line, this.digest.lineLength);
  }
  /** Reads the last word of a `C:` line, in quotation marks. */
  linkState() {
    const line = this.digest.line;
    const length = this.digest.lineLength;
    for (let i = 0; i < C_STATES.length; i++) {
      const name = C_STATES[i];
      let k = name.length;
      const at = length - 1 - k;
      if (at < 1 || line[length - 1] !== QUOTE6 || line[at - 1] !== QUOTE6)
        continue;
      while (k > 0 && line[at + k - 1] === name.charCodeAt(k - 1)) k--;
      if (k > 0) continue;
      if (i > 1) return 1 /* None */;
      return i === 0 ? 3 /* Connected */ : 2 /* Connecting */;
    }
    return 0 /* Unread */;
  }
};

// src/core/options.ts
var FRAMINGS = 2;
var RECEIVE_POLL = 2e3;
var STALL_TIMEOUT = 2e4;
var RING_MANUAL = 1024;
var RING_PUSH = 4096;
var MULTI = 6;
function readOptions(from, port) {
  const reception = from.word(
    "receive",
    ["manual", "hex", "push", "plain"],
    "",
    0,
    0
  );
  const plain = reception === 3 /* Plain */;
  const pushed = plain || reception === 2 /* Push */;
  const multi = from.word("connections", ["multi", "single"], "", 0, 0) === 0;
  const most = multi ? MULTI : 1;
  const framing = from.word("framing", ["length", "ctrl-z"], "s", 1, 100);
  const timed = framing > FRAMINGS;
  return {
    //                           name                kind             unit     default  range
    apn: from.value("apn", 7 /* Text */, "", null, 0, 50),
    user: from.value("user", 7 /* Text */, "", "", 0, 50),
    password: from.value("password", 7 /* Text */, "", "", 0, 50),
    pin: from.value("pin", 8 /* Digits */, "", "", 4, 8),
    baud: from.value("baud", 2 /* Rate */, "bit/s", 115200, 0, LONGEST_TIME),
    quickSend: from.value("quickSend", 4 /* Flag */, "", true, 0, LONGEST_TIME),
    keepAlive: from.value("keepAlive", 0 /* Whole */, "s", 0, 30, 7200),
    lazy: from.value("lazy", 4 /* Flag */, "", false, 0, LONGEST_TIME),
    connections: from.value("sockets", 0 /* Whole */, "", most, 1, most),
    receiveBuffer: from.value("receiveBuffer", 1 /* PowerOfTwo */, "bytes", 2048, 256, 8192),
    confirmedNumbers: from.value("confirmedNumbers", 4 /* Flag */, "", false, 0, LONGEST_TIME),
    reception,
    multi,
    framing: timed ? 2 /* Timer */ : framing,
    sendTimer: timed ? framing - FRAMINGS : 0,
    ring: pushed ? RING_PUSH : RING_MANUAL,
    receivePoll: RECEIVE_POLL,
    stallTimeout: STALL_TIMEOUT,
    flowControl: port.flowControl,
    largestBurst: port.largestBurst,
    dtr: port.hasDtr,
    resetPin: port.hasReset,
    powerKey: port.hasPowerKey,
    // what `Transparent` sets
    transparent: false,
    transfer: "",
    printedData: false
  };
}
var GivenOptions = class {
  /** @param given `ModemOptions`, or whatever a caller takes for that */
  constructor(given) {
    /** the first option that can not be */
    this.name = "";
    /** what is wrong with it; "" if nothing is */
    this.wrong = "";
    this.given = given;
  }
  refuse(name, wrong2) {
    if (wrong2 === "" || this.wrong !== "") return;
    this.name = name;
    this.wrong = wrong2;
  }
  /** What is given is not when it is `undefined`, `null`, or the default. */
  value(name, kind, unit, otherwise, min, max) {
    let value = this.given[name];
    if (otherwise !== null) {
      if (value === void 0 || value === null || value === otherwise)
        return otherwise;
    }
    if (kind === 8 /* Digits */ && typeof value === "number")
      value = "" + value;
    if (kind === null) return value;
    const why = wrong(kind, value, min, max);
    this.refuse(name, why && unit ? why + " " + unit : why);
    return value;
  }
  word(name, words, unit, min, max) {
    const value = this.value(name, null, "", words[0], 0, 0);
    const at = words.indexOf(value);
    if (at >= 0) return at;
    if (typeof value !== "number" || max === 0)
      this.refuse(name, wrongWord(value, words));
    else this.value(name, 0 /* Whole */, unit, words[0], min, max);
    return words.length + value;
  }
};
function configure(given, port) {
  const config = readOptions(given, port);
  const multi = config.multi;
  const reception = config.reception;
  const plain = reception === 3 /* Plain */;
  const pushed = plain || reception === 2 /* Push */;
  if (pushed && !port.flowControl)
    given.refuse(
      "receive",
      'it loses data without RTS and CTS: wire them, or take "manual"'
    );
  if (multi && plain)
    given.refuse(
      "receive",
      '"plain" is for a single connection: take "push"'
    );
  if (multi && config.lazy)
    given.refuse("lazy", "it is for a single connection");
  return config;
}

// src/espruino/port.ts
var PIECE2 = 240;
var PIECE_CTS = 60;
var CTS_LOOK = 5;
var BITS = 10;
var MOST_PENDING = 4096;
var RESET_PULSE = 150;
var ON_PULSE = 1300;
var RESTART_PULSE = 34e3;
var Port = class {
  constructor(serial, wires) {
    /** times that bytes were lost */
    this.overruns = 0;
    /** bytes were lost behind those that `take()` will put into the ring */
    this.lost = false;
    /** RESET or PWRKEY is being pulled: nobody talks to the modem */
    this.held = false;
    this.owner = null;
    this.ring = null;
    this.output = null;
    /** what has come and is not in the ring */
    this.pending = "";
    /** so many bytes have to come before the driver looks */
    this.enough = 0;
    this.baud = 0;
    this.sending = false;
    /** when the UART will have sent all that it was given, s */
    this.idleAt = 0;
    const rx = process.memory(false).rx;
    this.serial = serial;
    this.wires = wires;
    this.flowControl = wires.rts !== void 0;
    this.hasDtr = wires.dtr !== void 0;
    this.hasDcd = wires.dcd !== void 0;
    this.hasReset = wires.reset !== void 0;
    this.hasPowerKey = wires.powerKey !== void 0;
    let burst = wires.burst;
    if (burst === void 0) burst = rx ? rx.total * 3 >> 2 : 0;
    this.largestBurst = this.flowControl ? 0 : burst;
    this.watches = [];
    this.heard = (data) => {
      if ((this.pending += data).length < this.enough) return;
      this.told();
    };
  }
  /** Opens the UART, 8N1, or opens it again at another rate. */
  open(owner, ring, output, baud) {
    const wires = this.wires;
    const first = this.owner === null;
    const options = {};
    const given = wires.serial;
    for (const name in given) options[name] = given[name];
    if (wires.rx !== void 0) options["rx"] = wires.rx;
    if (wires.tx !== void 0) options["tx"] = wires.tx;
    if (wires.rts !== void 0) options["cts"] = wires.rts;
    this.owner = owner;
    this.ring = ring;
    this.output = output;
    this.baud = baud;
    this.serial.setup(baud, options);
    if (!first) return;
    this.pending = "";
    this.serial.on("data", this.heard);
    if (wires.power !== void 0) digitalWrite(wires.power, 1);
    this.rest(wires.reset);
    this.rest(wires.powerKey);
    if (wires.cts !== void 0) pinMode(wires.cts, "input");
    if (wires.dcd !== void 0) {
      pinMode(wires.dcd, "input");
      this.watch(wires.dcd, () => this.told());
    }
    if (wires.ri !== void 0) {
      this.watch(wires.ri, (e) => {
        if (e.state) owner.pulsed((e.time - e.lastTime) * 1e3);
      });
    }
  }
  watch(pin, f) {
    this.watches.push(setWatch(f, pin, { edge: "both", repeat: true }));
  }
  /** A pin that pulls low only: RESET and PWRKEY have pull-ups of their own. */
  rest(pin) {
    if (pin === void 0) return;
    pinMode(pin, this.wires.inverted ? "output" : "opendrain");
    digitalWrite(pin, this.wires.inverted ? 0 : 1);
  }
  /** Lets go of the UART. */
  close() {
    for (let i = 0; i < this.watches.length; i++)
      clearWatch(this.watches[i]);
    this.watches = [];
    this.serial.removeListener("data", this.heard);
    this.owner = null;
    this.ring = null;
    this.output = null;
  }
  told() {
    if (this.owner !== null) this.owner.pump();
  }
  /** Puts what has come into the ring. */
  take() {
    const data = this.pending;
    const ring = this.ring;
    if (data.length === 0 || ring === null) return;
    const n = data.length;
    const size = ring.size;
    const head = ring.tail + ring.used & size - 1;
    const room = size - ring.used;
    if (n <= room && head + n <= size) {
      blit(ring.buf, head, data, 0, n);
      ring.used += n;
      this.pending = "";
    } else {
      const taken = ring.put(data, 0, n);
      this.pending = data.substr(taken);
      if (this.pending.length > MOST_PENDING) {
        this.pending = "";
        this.lost = true;
      }
    }
    const flags = E.getErrorFlags();
    for (let i = 0; i < flags.length; i++)
      if (flags[i] === "FIFO_FULL" || flags[i] === "BUFFER_FULL" || flags[i] === "UART_OVERFLOW")
        this.lost = true;
  }
  /** There is more than the ring had room for. */
  more() {
    return this.pending.length > 0;
  }
  /** From now on the driver wants to look when so many bytes have come. */
  expect(bytes) {
    this.enough = bytes;
  }
  /** Sends what is to be sent, unless that is under way. */
  send() {
    if (!this.sending) this.piece();
  }
  piece() {
    const output = this.output;
    this.sending = false;
    if (output === null) return;
    if (output.left <= 0) {
      this.drained(output);
      return;
    }
    const cts = this.wires.cts;
    let pause = CTS_LOOK;
    if (cts === void 0 || !digitalRead(cts)) {
      const most = cts === void 0 ? PIECE2 : PIECE_CTS;
      const n = output.left < most ? output.left : most;
      const at = output.at;
      const source = output.source;
      this.serial.write(
        typeof source === "string" ? source.substr(at, n) : source.subarray(at, at + n)
      );
      output.at = at + n;
      output.left -= n;
      pause = n * BITS * 1e3 / this.baud;
      this.idleAt = getTime() + pause / 1e3;
    }
    if (output.left > 0) this.later(pause);
    else this.drained(output);
  }
  later(ms) {
    this.sending = true;
    setTimeout(() => this.piece(), ms);
  }
  /** All has been taken: who wants to know that, or that it is on the wire, is told. */
  drained(output) {
    if (output.drain) {
      const left = (this.idleAt - getTime()) * 1e3;
      if (left > 0) {
        this.later(left + 1);
        return;
      }
      output.drain = false;
      this.told();
    } else if (output.tell) {
      output.tell = false;
      this.told();
    }
  }
  /** DCD is low: there is a connection (application note 10). */
  dcd() {
    const pin = this.wires.dcd;
    return pin !== void 0 && !digitalRead(pin);
  }
  setDtr(low) {
    if (this.wires.dtr !== void 0) digitalWrite(this.wires.dtr, !low);
  }
  /** Resets the modem, by RESET, else by PWRKEY. */
  reset() {
    const pin = this.wires.reset;
    if (pin !== void 0) this.pull(pin, RESET_PULSE);
    else this.pull(this.wires.powerKey, RESTART_PULSE);
  }
  /** Switches a modem on that is off. */
  pressPowerKey() {
    this.pull(this.wires.powerKey, ON_PULSE);
  }
  pull(pin, ms) {
    if (pin === void 0) return;
    const low = this.wires.inverted ? 1 : 0;
    this.held = true;
    digitalWrite(pin, low);
    setTimeout(() => {
      digitalWrite(pin, 1 - low);
      this.held = false;
      this.told();
    }, ms);
  }
};

// src/core/second-context.ts
var UP = new Uint8Array([
  // command            failure
  17 /* Cipsgtxt */,
  14 /* SetupRefused */,
  18 /* Cipshut */,
  14 /* SetupRefused */,
  29 /* Cstt */,
  15 /* ApnRefused */,
  30 /* Ciicr */,
  16 /* ActivationRefused */,
  31 /* Cifsr */,
  17 /* NoAddress */,
  17 /* Cipsgtxt */,
  14 /* SetupRefused */
]);
var DOWN = new Uint8Array([
  17 /* Cipsgtxt */,
  14 /* SetupRefused */,
  18 /* Cipshut */,
  14 /* SetupRefused */,
  17 /* Cipsgtxt */,
  14 /* SetupRefused */
]);
var STRIDE2 = 2;
var REST_MIN2 = 2e3;
var REST_MAX2 = 6e4;
var IDLE5 = 36e5;
var SecondContext = class {
  constructor(modem) {
    this.work = false;
    this.dueAt = 0;
    this.offline = false;
    this.state = 0 /* Closed */;
    /** why it is not up */
    this.failure = 0 /* None */;
    this.refused = 0 /* None */;
    this.cme = -1 /* Plain */;
    this.addressLength = 0;
    /** told of every change of state, and of failures */
    this.changed = null;
    this.wanted = false;
    this.apn = "";
    this.user = "";
    this.password = "";
    this.step = 0;
    this.rest = REST_MIN2;
    this.modem = modem;
    this.address = new Uint8Array(16);
    modem.secondContext = true;
    modem.features.push(this);
  }
  /** Brings it up, and up again after every loss, until `close()`. */
  open(apn, user, password) {
    this.apn = apn;
    this.user = user;
    this.password = password;
    this.wanted = true;
    this.failure = 0 /* None */;
    this.rest = REST_MIN2;
    this.dueAt = 0;
    this.work = true;
  }
  /** Shuts it, and the connections in it; those in the first one live on. */
  close() {
    this.wanted = false;
    this.work = true;
  }
  line() {
    return false;
  }
  run(now) {
    this.work = false;
    if (this.state === 0 /* Closed */ || this.state === 2 /* Open */) {
      if (this.wanted === (this.state === 2 /* Open */)) {
        this.dueAt = now + IDLE5;
        return false;
      }
      const rest = this.dueAt - now | 0;
      if (this.failure !== 0 /* None */ && rest > 0 && rest <= REST_MAX2)
        return false;
      this.step = 0;
      this.modem.exclusive = this;
      this.become(
        this.wanted ? 1 /* Opening */ : 3 /* Closing */
      );
    }
    const script = this.state === 1 /* Opening */ ? UP : DOWN;
    const command = script[this.step * STRIDE2];
    const encoder = this.modem.encoder;
    this.modem.channel.begin(command, -1, now);
    if (command === 17 /* Cipsgtxt */)
      encoder.numbers(+(this.step === 0), -1);
    else if (command === 29 /* Cstt */) {
      encoder.quoted(this.apn);
      encoder.quoted(this.user);
      encoder.quoted(this.password);
    }
    return true;
  }
  done(command, outcome2, now) {
    const script = this.state === 1 /* Opening */ ? UP : DOWN;
    const last = script.length / STRIDE2 - 1;
    this.work = true;
    if (command === 31 /* Cifsr */ && this.modem.digest.isNoAddress())
      outcome2 = 1 /* Refused */;
    if (command === 17 /* Cipsgtxt */ && outcome2 === 0 /* Ok */)
      this.modem.connections.context = +(this.step === 0);
    if (outcome2 !== 0 /* Ok */) {
      if (this.failure === 0 /* None */) {
        this.failure = script[this.step * STRIDE2 + 1];
        this.refused = command;
        this.cme = this.modem.channel.cme;
      }
      if (this.step > 0 && this.step < last) this.step = last;
      else this.rested(now);
      return;
    }
    if (command === 31 /* Cifsr */) {
      const digest = this.modem.digest;
      this.failure = 0 /* None */;
      this.addressLength = digest.lineLength;
      blit(this.address, 0, digest.line, 0, this.addressLength);
    } else if (command === 18 /* Cipshut */)
      this.modem.connections.lostContext(1, 27 /* ClosedHere */);
    else if (command === 29 /* Cstt */) this.failure = 0 /* None */;
    if (this.step < last) this.step++;
    else if (this.failure !== 0 /* None */) this.rested(now);
    else {
      this.rest = REST_MIN2;
      this.become(
        this.state === 1 /* Opening */ ? 2 /* Open */ : 0 /* Closed */
      );
    }
  }
  down() {
    this.addressLength = 0;
    this.modem.connections.context = 0;
    this.work = true;
    this.become(0 /* Closed */);
  }
  /** The next try follows after a pause. */
  rested(now) {
    this.dueAt = now + this.rest;
    this.rest = this.rest * 2 < REST_MAX2 ? this.rest * 2 : REST_MAX2;
    this.work = false;
    this.become(0 /* Closed */);
  }
  become(state) {
    if (this.state === state) return;
    this.state = state;
    if (state === 2 /* Open */ || state === 0 /* Closed */)
      this.modem.exclusive = null;
    if (this.changed !== null) this.changed();
  }
};

// src/espruino/socket.ts
var CONNECT_TIMEOUT2 = 12e4;
var PIECE3 = 512;
var HIGH = SEGMENT;
var LIMIT = 8192;
var DATAGRAM_BUFFER = 2048;
var FULL = '8192 bytes wait already: wait for "drain" when write() says false';
var TOO_LARGE = "a datagram has 1\u20131460 bytes";
function isLoss(failure) {
  return failure !== 0 /* None */ && failure !== 26 /* ClosedByPeer */ && failure !== 27 /* ClosedHere */;
}
var Socket = class {
  /** @param extended UDP to everybody, see `dgram.ts` */
  constructor(modem, options, extended) {
    /** bytes that wait to be sent */
    this.bufferSize = 0;
    /** @internal the connection is up, or has been */
    this.up = false;
    /** @internal the last event has been emitted */
    this.over = false;
    /** @internal why */
    this.failure = 0 /* None */;
    this.link = null;
    /** the use of `link` that is this socket's */
    this.generation = 0;
    this.writing = false;
    this.full = false;
    /** `end()`: closed when all is sent */
    this.ending = false;
    this.closed = false;
    this.timer = 0;
    checkObject("options", options);
    const proto = options.proto || "tcp";
    check("host", 9 /* Host */, options.host, 1, 255);
    check("port", 0 /* Whole */, options.port, 1, 65535);
    checkWord("proto", proto, ["tcp", "tls", "udp"]);
    if (options.localPort !== void 0)
      check("localPort", 0 /* Whole */, options.localPort, 0, 65535);
    checkFlag("verify", options.verify);
    checkFlag("clientCertificate", options.clientCertificate);
    checkTime("timeout", options.timeout);
    const context = options.context || 0;
    const second = modem.second;
    const open = second !== null && second.state === 2 /* Open */;
    if (context !== 0 && (context !== 1 || !open))
      throw bad("context", context + " is not open: open it first");
    const config = modem.core.config;
    const udp = proto === "udp";
    if (udp && config.receiveBuffer < DATAGRAM_BUFFER)
      throw bad(
        "receiveBuffer",
        "UDP needs " + DATAGRAM_BUFFER + " bytes or more"
      );
    this.modem = modem;
    this.options = options;
    this.name = proto + "://" + options.host + ":" + options.port;
    this.extended = extended;
    this.datagrams = udp && !config.transparent && config.reception !== 3 /* Plain */;
    this.queue = [];
    modem.check("connect " + this.name);
  }
  /** @internal Has it opened, as soon as there is a number for it. */
  open() {
    const modem = this.modem;
    const connections = modem.core.connections;
    const options = this.options;
    if (this.closed || this.over) return;
    if (this.timer === 0)
      this.timer = setTimeout(() => {
        this.timer = 0;
        this.late();
      }, options.timeout || CONNECT_TIMEOUT2);
    const id = connections.take(modem.now());
    if (id < 0) {
      if (connections.freeing()) modem.waiting.push(this);
      else this.ended(19 /* NoFreeConnection */);
      return;
    }
    const link = connections.list[id];
    const proto = options.proto;
    link.udp = proto === "udp";
    link.tls = proto === "tls";
    link.verify = options.verify !== false;
    link.authenticate = !!options.clientCertificate;
    link.host = options.host;
    link.port = options.port;
    link.localPort = options.localPort || 0;
    link.context = options.context || 0;
    link.extended = this.extended;
    connections.start(link);
    this.use(link);
  }
  /** @internal Has this connection from now on. */
  use(link) {
    this.link = link;
    this.generation = link.generation;
    this.modem.adopt(this, link.id);
  }
  /** The connection has not come in time. */
  late() {
    if (this.up || this.over) return;
    const failure = this.modem.core.bearer.failure || 24 /* ConnectTimeout */;
    this.drop();
    this.ended(failure);
  }
  /** As every object of Espruino has it; who listens late is told of what has come before. */
  on(event, heard) {
    const emitter = Object.prototype;
    emitter.on.call(this, event, heard);
    const link = this.link;
    if (link === null || this.readable() === 0) return;
    this.modem.core.connections.news |= 1 << link.id;
    this.modem.pump();
  }
  /** @internal The core has news of this connection. */
  notify() {
    const link = this.link;
    if (link === null || this.over) return;
    if (this.closed) {
      if (link.generation !== this.generation || link.state === 0 /* Initial */ || link.state === 1 /* Closed */ || link.state === 9 /* Quarantine */)
        this.finish();
      return;
    }
    if (link.generation !== this.generation) {
      this.taken();
      return;
    }
    const traits = TRAITS2[link.state];
    if (!this.up) {
      if ((traits & 2 /* Open */) === 0) {
        if ((traits & 1 /* Over */) === 0) return;
        if (link.failure === 20 /* NumberTaken */) {
          this.taken();
          return;
        }
        if (link.failure !== 26 /* ClosedByPeer */) {
          this.ended(link.failure);
          return;
        }
      }
      this.up = true;
      if (this.timer) clearTimeout(this.timer);
      this.timer = 0;
      this.emit("connect", this);
    }
    if (link.readable > 0) this.tell();
    if (this.writing || this.queue.length > 0 || this.ending) this.flush();
    if ((traits & 1 /* Over */) !== 0 && !this.closed && link.readable === 0)
      this.ended(link.failure);
  }
  /** The number has gone to somebody else. */
  taken() {
    this.link = null;
    if (this.up || this.closed) this.ended(20 /* NumberTaken */);
    else this.open();
  }
  /** Tells of what can be read, if anybody listens. */
  tell() {
    const self = this;
    const event = this.datagrams ? "message" : "data";
    if (self["#on" + event] === void 0) return;
    while (this.readable() > 0) {
      const data = this.read(PIECE3);
      if (data === void 0) return;
      if (this.datagrams) this.emit(event, data, this.sender(data.length));
      else this.emit(event, data);
    }
  }
  readable() {
    const link = this.link;
    return link === null || link.generation !== this.generation ? 0 : link.readable;
  }
  sender(size) {
    const link = this.link;
    const a = link.address;
    return link.senderPort > 0 ? {
      address: a[0] + "." + a[1] + "." + a[2] + "." + a[3],
      port: link.senderPort,
      size
    } : void 0;
  }
  read(max) {
    const link = this.link;
    let n = this.readable();
    if (n <= 0 || link === null) return this.over ? void 0 : "";
    const modem = this.modem;
    const connections = modem.core.connections;
    if (this.datagrams) n = connections.datagram(link);
    else if (max !== void 0 && n > max) n = max;
    const rx = link.rx;
    const linear = rx.size - rx.tail;
    const size = rx.size;
    let data;
    if (n <= linear) data = textOf(rx.buf, rx.tail, n);
    else
      data = textOf(rx.buf, rx.tail, linear) + textOf(rx.buf, 0, n - linear);
    rx.tail = rx.tail + n & size - 1;
    rx.used -= n;
    link.readable -= n;
    if (link.waiting > 0 || modem.core.digest.stalled)
      connections.work = true;
    if (link.readable === 0 && link.state !== 5 /* Connected */)
      connections.news |= 1 << link.id;
    if (connections.work || connections.news !== 0) modem.pump();
    return data;
  }
  write(data) {
    const text = typeof data === "string" ? data : E.toString(data);
    const n = text.length;
    if (this.closed || this.over || this.ending)
      throw this.error("send", this.failure || 27 /* ClosedHere */, 0);
    if (this.datagrams && (n < 1 || n > SEGMENT))
      throw bad("data", TOO_LARGE);
    if (this.bufferSize > 0 && this.bufferSize + n > LIMIT)
      throw bad("data", FULL);
    const queue = this.queue;
    const last = queue.length - 1;
    if (n > 0) {
      this.bufferSize += n;
      if (!this.datagrams && last >= 0 && queue[last].length + n <= SEGMENT)
        queue[last] += text;
      else queue.push(text);
    }
    this.flush();
    this.full = this.bufferSize >= HIGH;
    return !this.full;
  }
  /** Sends the next piece, or sees what has become of the last one. */
  flush() {
    const link = this.link;
    const modem = this.modem;
    if (link === null || !this.up || this.closed) return;
    if (this.writing) {
      if (link.sendState >= 3 /* Wanted */) return;
      this.writing = false;
      if (link.sendState === 2 /* Failed */) {
        this.lost(link.sendFailure, link.accepted);
        return;
      }
      this.bufferSize -= link.accepted;
    }
    const queue = this.queue;
    if (queue.length > 0) {
      const next = queue.shift();
      const config = modem.core.config;
      const source = config.framing === 0 /* Length */ ? next : bytesOf(next);
      const refused = modem.core.connections.send(
        link,
        source,
        0,
        next.length
      );
      if (refused !== 0 /* None */) {
        this.lost(refused, 0);
        return;
      }
      this.writing = true;
      modem.pump();
    } else if (this.ending) this.drop();
    if (this.full && this.bufferSize < HIGH) {
      this.full = false;
      this.emit("drain");
    }
  }
  /** What was written does not get there. */
  lost(failure, sent) {
    const error = this.error("send", failure, sent);
    this.queue.splice(0, this.queue.length);
    this.bufferSize = 0;
    if (failure === 26 /* ClosedByPeer */ && this.readable() > 0) {
      this.emit("error", error);
      return;
    }
    this.drop();
    this.failure = failure;
    this.fail(error);
  }
  end(data) {
    if (this.closed || this.over) return;
    if (data !== void 0) this.write(data);
    this.ending = true;
    this.flush();
    if (!this.up && this.queue.length === 0) this.destroy();
  }
  destroy() {
    if (this.closed || this.over) return;
    const link = this.link;
    this.drop();
    if (link === null) this.finish();
  }
  /** Has the modem close the connection. */
  drop() {
    const link = this.link;
    if (this.closed) return;
    this.tell();
    this.closed = true;
    this.queue.splice(0, this.queue.length);
    if (link === null || link.generation !== this.generation) return;
    this.modem.core.connections.close(link, this.modem.now());
    this.modem.pump();
  }
  pipe(destination, options) {
    const fs = require("fs");
    fs.pipe(this, destination, options);
  }
  /** The connection is over, by itself. */
  ended(failure) {
    if (this.over) return;
    this.failure = failure;
    const what = this.up ? "receive" : "connect";
    const error = isLoss(failure) ? this.error(what, failure, 0) : void 0;
    const link = this.link;
    this.closed = true;
    if (link !== null && link.generation === this.generation)
      this.modem.core.connections.close(link, this.modem.now());
    this.fail(error);
    this.finish();
  }
  fail(error) {
    if (error) this.emit("error", error);
  }
  /** @internal Nothing more will happen. */
  finish() {
    const link = this.link;
    if (this.over) return;
    this.over = true;
    this.closed = true;
    if (this.timer) clearTimeout(this.timer);
    if (link !== null) this.modem.left(this, link.id);
    this.emit("close", isLoss(this.failure));
  }
  error(what, failure, sent) {
    const link = this.link;
    const mine = link !== null && link.generation === this.generation;
    const answer = mine && link.refused !== 0 /* None */ ? refusal(commandText(link.refused), link.cme) : "";
    return errorOf(
      describe(failure, what + " " + this.name, answer),
      failure,
      sent
    );
  }
};

// src/espruino/modem.ts
var START_TIMEOUT = 18e4;
var RING = 2048;
var OK_LENGTH = 6;
var TURNS = 20;
var LONGEST_WAIT = 36e5;
var JUMP = 1e4;
var GIVEN_UP = "; the driver has given up: start() makes it try again";
var Sim800 = class {
  constructor(serial, options) {
    /** @internal the program has something for the core */
    this.again = false;
    /** @internal see `talk.ts` */
    this.talk = null;
    /** @internal see `context.ts` */
    this.second = null;
    /** @internal called when there is a change, with all its listeners */
    this.onIncoming = null;
    this.running = false;
    this.pumping = false;
    this.baud = 0;
    this.dtr = true;
    this.changed = false;
    this.timer = 0;
    /** when the timer is due; it may be later than has to be */
    this.timerAt = 0;
    /** what `getTime()` has shown last, and the driver's time then */
    this.clockAt = 0;
    this.clock = 0;
    this.patience = 0;
    checkObject("options", options);
    if (!serial || typeof serial.setup !== "function")
      throw bad("serial", "give the Serial of the modem");
    this.port = new Port(serial, options);
    const given = new GivenOptions(options);
    const config = configure(given, this.port);
    if (given.wrong) throw bad(given.name, given.wrong);
    if (config.ring < RING) config.ring = RING;
    this.core = new Modem(config);
    this.core.observer = this;
    this.sockets = [];
    this.waiting = [];
    this.waits = [];
    this.clockAt = getTime();
  }
  /** ms that pass steadily, also while somebody sets Espruino's clock. */
  now() {
    const at = getTime();
    const passed = (at - this.clockAt) * 1e3;
    this.clockAt = at;
    if (passed >= 0 && passed < this.patience + JUMP) this.clock += passed;
    return this.clock | 0;
  }
  /** Finds the modem, gets it into the network, and keeps it there. */
  start(options) {
    const core = this.core;
    if (options !== void 0) {
      checkObject("options", options);
      checkTime("timeout", options.timeout);
    }
    const timeout = options && options.timeout || START_TIMEOUT;
    if (!this.running) {
      this.running = true;
      this.open();
      core.start(this.now());
    } else if (core.bearer.phase === 9 /* Failed */) core.start(this.now());
    return this.until(
      () => core.bearer.phase === 7 /* Ready */ || !this.tries(),
      timeout
    ).then(() => {
      if (core.bearer.phase === 7 /* Ready */) return;
      throw this.running ? this.error("start") : failed(49 /* Stopped */, "start", "", "");
    });
  }
  open() {
    const core = this.core;
    this.baud = core.bearer.lineBaud;
    this.port.open(this, core.ring, core.encoder, this.baud);
    if (this.port.hasDtr) this.port.setDtr(core.dtr);
  }
  /** Lets go of all sockets and of the UART; the modem is left as it is. */
  stop() {
    if (!this.running) return;
    this.running = false;
    this.core.stop();
    this.deliver();
    this.changed = true;
    this.look();
    if (this.timer) clearTimeout(this.timer);
    this.timer = 0;
    this.port.close();
  }
  /** Opens a connection. */
  connect(options, connected) {
    const socket = new Socket(this, options, false);
    if (connected) socket.on("connect", connected);
    socket.open();
    return socket;
  }
  /** @internal A connection has a socket. */
  adopt(socket, id) {
    while (this.sockets.length <= id) this.sockets.push(void 0);
    const last = this.sockets[id];
    this.sockets[id] = socket;
    if (last && last !== socket) last.finish();
    this.pump();
  }
  /** @internal */
  left(socket, id) {
    if (this.sockets[id] === socket) this.sockets[id] = void 0;
  }
  /** @internal Whether the driver is at it, or has given up. */
  tries() {
    return this.running && this.core.bearer.phase !== 9 /* Failed */;
  }
  /** @internal Throws if the driver is not even trying. */
  check(what) {
    const phase = this.core.bearer.phase;
    if (!this.running || phase === 0 /* Off */)
      throw failed(48 /* NotStarted */, what, "", "");
    if (phase === 9 /* Failed */)
      throw errorOf(
        this.reason(what) + GIVEN_UP,
        this.core.bearer.failure,
        0
      );
  }
  /** @internal Waits. @returns whether it is done before the time is over */
  until(done, timeout) {
    return new Promise((resolve) => {
      const wait = { done, over: resolve, timer: 0 };
      wait.timer = setTimeout(() => {
        wait.timer = 0;
        this.changed = true;
        this.look();
      }, timeout);
      this.waits.push(wait);
      this.changed = true;
      this.pump();
    });
  }
  /** @internal Something has changed that may be waited for. */
  tell() {
    this.changed = true;
    this.again = true;
  }
  /** Looks for waits that are over. */
  look() {
    if (!this.changed) return;
    this.changed = false;
    if (this.waits.length === 0) return;
    const left = [];
    const waits = this.waits;
    this.waits = left;
    for (let i = 0; i < waits.length; i++) {
      const wait = waits[i];
      const done = wait.done();
      if (!done && wait.timer !== 0 && this.running) {
        left.push(wait);
        continue;
      }
      if (wait.timer) clearTimeout(wait.timer);
      wait.over(done);
    }
  }
  /** Shuts the PDP context (AT+CIPSHUT, chapter 9), and brings it up again. */
  shut() {
    this.check("shut");
    this.core.bearer.shutWanted = true;
    return this.anew("shut");
  }
  /** Resets the modem (chapter 12), and brings it up again. */
  reset() {
    this.check("reset");
    this.core.bearer.resetWanted = true;
    return this.anew("reset");
  }
  anew(what) {
    const core = this.core;
    const bearer = core.bearer;
    const data = core.data;
    if (data !== null) data.failure = 0 /* None */;
    return this.until(
      () => !bearer.shutWanted && !bearer.resetWanted || data !== null && data.failure !== 0 /* None */,
      START_TIMEOUT
    ).then(() => {
      if (data !== null && data.failure !== 0 /* None */) {
        bearer.shutWanted = false;
        bearer.resetWanted = false;
        throw failed(data.failure, what, "", "");
      }
      if (!this.running) throw failed(49 /* Stopped */, what, "", "");
      return this.start();
    });
  }
  status() {
    const core = this.core;
    const bearer = core.bearer;
    return {
      phase: PHASES[bearer.phase],
      ipState: IP_STATES[bearer.state],
      failure: bearer.failure,
      signal: bearer.signal > 31 ? void 0 : bearer.signal * 2 - 113,
      address: textOf(bearer.address, 0, bearer.addressLength),
      restarts: bearer.restarts,
      deactivations: bearer.deactivations,
      rebuilds: bearer.rebuilds,
      resets: bearer.resets,
      timeouts: core.channel.timeouts,
      overruns: this.port.overruns
    };
  }
  /** @internal Runs the core as long as there is something to do. */
  pump() {
    const core = this.core;
    const port = this.port;
    this.again = true;
    if (this.pumping || !this.running || port.held) return;
    this.pumping = true;
    let turns = TURNS;
    let wait = 0;
    while (turns-- > 0 && (wait <= 0 || this.again)) {
      this.again = false;
      port.take();
      if (port.lost) {
        port.lost = false;
        port.overruns++;
        core.bytesLost();
      }
      const now = this.now();
      if (port.hasDcd) core.dcd = port.dcd();
      core.poll(now);
      if (core.connections.news !== 0) this.deliver();
      if (this.waiting.length > 0) this.assign();
      if (core.dtr !== this.dtr) {
        this.dtr = core.dtr;
        port.setDtr(this.dtr);
      }
      if (core.resetWanted) {
        core.resetWanted = false;
        port.reset();
      }
      if (core.powerKeyWanted) {
        core.powerKeyWanted = false;
        port.pressPowerKey();
      }
      if (core.bearer.lineBaud !== this.baud) this.open();
      const output = core.encoder;
      if (output.left > 0 || output.drain) port.send();
      if (this.changed) this.look();
      if (port.more()) this.again = true;
      wait = core.pollAt(now) - now | 0;
    }
    const left = core.digest.payloadLeft;
    port.expect(left > 0 && left < core.ring.size ? left + OK_LENGTH : 0);
    this.pumping = false;
    if (this.running && !port.held) this.wake(wait);
  }
  /** Sees to it that the core is run again in `ms` at the latest. */
  wake(ms) {
    if (ms < 0 || this.again) ms = 0;
    if (ms > LONGEST_WAIT) ms = LONGEST_WAIT;
    const at = this.clock + ms;
    if (this.timer !== 0) {
      if (this.timerAt <= at) return;
      clearTimeout(this.timer);
    }
    this.timerAt = at;
    this.patience = ms;
    this.timer = setTimeout(() => {
      this.timer = 0;
      this.pump();
    }, ms);
  }
  deliver() {
    const connections = this.core.connections;
    let news = connections.news;
    connections.news = 0;
    if (connections.incoming !== 0 && this.onIncoming !== null)
      this.onIncoming();
    for (let id = 0; news !== 0; id++) {
      if (news & 1) {
        const socket = this.sockets[id];
        if (socket) socket.notify();
      }
      news >>= 1;
    }
    if (this.waits.length > 0) this.changed = true;
  }
  /** Sockets that wait for a number get one that is free. */
  assign() {
    const waiting = this.waiting;
    for (let i = waiting.length; i > 0; i--) {
      const socket = waiting.shift();
      socket.open();
    }
  }
  onChange() {
    const bearer = this.core.bearer;
    const self = this;
    this.changed = true;
    self.emit(
      "state",
      PHASES[bearer.phase],
      IP_STATES[bearer.state],
      bearer.failure
    );
  }
  onUrc(line, length) {
    const self = this;
    self.emit("urc", textOf(line, 0, length));
  }
  pulsed(ms) {
    const self = this;
    self.emit("pulse", ms);
  }
  /** What keeps it from being ready, or only time. */
  reason(subject) {
    const bearer = this.core.bearer;
    const answer = bearer.refused === 0 /* None */ ? textOf(bearer.answer, 0, bearer.answerLength) : refusal(commandText(bearer.refused), bearer.cme);
    return describe(bearer.failure || 50 /* Timeout */, subject, answer);
  }
  error(subject) {
    return errorOf(
      this.reason(subject),
      this.core.bearer.failure || 50 /* Timeout */,
      0
    );
  }
};

// src/espruino/talk.ts
var TURN = 6e4;
function talkOf(modem) {
  if (modem.talk === null) {
    const talk = new Talk(modem.core);
    talk.changed = () => modem.tell();
    modem.talk = talk;
  }
  return modem.talk;
}
function converse(modem, dialogue, what) {
  const talk = talkOf(modem);
  modem.check(what);
  talk.begin(dialogue);
  return outcome(modem, dialogue, what);
}
function outcome(modem, dialogue, what) {
  const talk = talkOf(modem);
  const steps = talk.steps;
  return modem.until(
    () => dialogue.over || !modem.tries() || talk.steps !== steps,
    2 * talk.timeout + TURN
  ).then((inTime) => {
    if (!dialogue.over) {
      if (inTime && modem.tries())
        return outcome(modem, dialogue, what);
      talk.cancel(dialogue);
      modem.check(what);
      throw failed(50 /* Timeout */, what, "", "");
    }
    const problem = dialogue.problem;
    if (problem !== null)
      throw failed(
        problem.failure,
        problem.subject,
        problem.answer,
        problem.sentence
      );
  });
}

// src/espruino/certificates.ts
var LONGEST_PASSWORD = 64;
function fileOf(name, data) {
  if (data === void 0) return void 0;
  const bytes = E.toUint8Array(data);
  if (bytes.length < 1 || bytes.length > LARGEST_FILE)
    throw bad(name, bytes.length + " bytes, not 1\u2013" + LARGEST_FILE);
  return bytes;
}
function passwordOf(password) {
  const text = password === void 0 ? "" : password;
  if (wrong(7 /* Text */, text, 0, LONGEST_PASSWORD))
    throw bad(
      "password",
      "at most " + LONGEST_PASSWORD + ' printable ASCII characters without " are expected'
    );
  return text;
}
var ModemCertificates = class {
  constructor(modem) {
    this.modem = modem;
    this.settings = new Certificates(modem.core);
  }
  install(files) {
    checkObject("files", files);
    const root = fileOf("root", files.root);
    const client = fileOf("client", files.client);
    if (!root && !client) throw bad("root", "nothing is to be installed");
    const password = passwordOf(files.password);
    let stored = Promise.resolve();
    if (client) stored = this.store(CLIENT, client, password);
    return stored.then(
      () => root ? this.store(ROOT, root, "") : void 0
    );
  }
  store(path, data, password) {
    return converse(
      this.modem,
      new StoreCertificate(this.settings, path, data, password),
      "install certificates"
    );
  }
  use(options) {
    if (options !== void 0) checkObject("options", options);
    const password = passwordOf(options && options.password);
    const dialogue = new UseCertificates(this.settings, password);
    return converse(this.modem, dialogue, "use certificates").then(
      () => dialogue.found
    );
  }
  remove() {
    this.settings.client = "";
    this.settings.root = "";
    return converse(
      this.modem,
      new RemoveCertificates(),
      "remove certificates"
    );
  }
};
Sim800.prototype.certificates = function() {
  return new ModemCertificates(this);
};

// src/core/dialogues/command.ts
var LF5 = 10;
var OWN = "+CIP +CSTT +CIICR +CIFSR +CDNS +CLPORT +SSLOPT +CFUN +CPOWD +CSCLK +CMEE +IPR +IFC +ICF E V Q Z O & ";
var LONGEST_COMMAND = 290;
var COMMAND_LIMIT = ANSWER_SIZE;
function wrongCommand(line) {
  if (typeof line !== "string" || line.length > LONGEST_COMMAND)
    return `a string of at most ${LONGEST_COMMAND} characters is expected`;
  for (let i = 0; i < line.length; i++) {
    const c = line.charCodeAt(i);
    if (c < 32 || c > 126) return "printable ASCII characters only";
  }
  if (!line.startsWith("AT")) return "a command begins with AT";
  const parts = line.slice(2).toUpperCase().split(";");
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i].trim();
    for (let from = 0; from < OWN.length; ) {
      const to = OWN.indexOf(" ", from);
      const own = OWN.slice(from, to);
      if (part.startsWith(own))
        return `AT${own}\u2026 is the driver's own business`;
      from = to + 1;
    }
  }
  return "";
}
var GiveCommand = class {
  /** @param limit bytes of the answer */
  constructor(command, timeout, limit) {
    this.over = false;
    this.problem = null;
    this.behind = null;
    this.given = false;
    this.lines = [];
    this.command = command;
    this.timeout = timeout;
    this.limit = limit;
  }
  next(talk) {
    const request = talk.request;
    if (!this.given) {
      this.given = true;
      if (this.limit > ANSWER_SIZE)
        request.answer = new Uint8Array(this.limit);
      return talk.say(this.command, this.timeout);
    }
    const bytes = request.answer;
    let from = 0;
    while (from < request.answerLength && talk.obeyed()) {
      const end = find(bytes, LF5, from, request.answerLength);
      this.lines.push(textOf(bytes, from, end - from));
      from = end + 1;
    }
    return false;
  }
};

// src/core/dialogues/connections.ts
var AskConnections = class {
  constructor() {
    this.over = false;
    this.problem = null;
    this.behind = null;
    /** one of the states of chapter 8 */
    this.state = "";
    /** state of the server, "" if there is none */
    this.server = "";
    this.asked = false;
    this.connections = [];
  }
  next(talk) {
    if (!this.asked) {
      this.asked = true;
      return talk.give(
        "AT+CIPSTATUS",
        LOCAL,
        128 /* Status */ | 2 /* Error */,
        0 /* Unknown */,
        false
      );
    }
    if (!talk.obeyed()) return false;
    const fields = talk.fields;
    if (!talk.seek("STATE:")) return talk.again();
    this.state = fields.word();
    let wrong2 = fields.wrong || this.state === "";
    this.server = "";
    if (talk.seek("S:")) {
      while (fields.more()) this.server = fields.word();
      wrong2 = wrong2 || fields.wrong;
    }
    this.connections = [];
    let at = talk.seekFrom("C:", 0);
    while (at >= 0) {
      const id = fields.whole(0, CONNECTIONS - 1);
      const context = fields.word();
      const proto = fields.word();
      const address = fields.word();
      const port = fields.word();
      const state = fields.word();
      const used2 = state !== "INITIAL";
      if (fields.wrong) wrong2 = true;
      if (used2 && !(parseInt(port) <= 65535)) wrong2 = true;
      if (used2)
        this.connections.push({
          id,
          context: context === "1" ? 1 : 0,
          proto,
          address,
          port: parseInt(port),
          state
        });
      at = talk.seekFrom("C:", at);
    }
    return wrong2 && talk.again();
  }
};

// src/core/dialogues/names.ts
var RESOLVE_TIMEOUT = 3e4;
var TURNS2 = 3;
var Resolve = class {
  constructor(host) {
    this.over = false;
    this.problem = null;
    this.behind = null;
    /** dotted addresses; the second one is "" if there is but one */
    this.first = "";
    this.second = "";
    this.turn = 0;
    /** the name in an answer that was to another question */
    this.stranger = "";
    this.host = host.toUpperCase();
    this.command = `AT+CDNSGIP="${host}"`;
  }
  next(talk) {
    if (!talk.obeyed()) return false;
    if (this.turn > 0) {
      const fields = talk.fields;
      if (!talk.seek("+CDNSGIP:")) return talk.again();
      const found = fields.whole(0, 1);
      if (found !== 1 && !fields.wrong)
        return talk.fail(
          33 /* NotResolved */,
          `resolve ${this.host.toLowerCase()}`,
          talk.said(),
          ""
        );
      const name = fields.word();
      this.first = fields.word();
      this.second = fields.more() ? fields.word() : "";
      const second = this.second || this.first;
      if (fields.wrong || wrongAddress(this.first) || wrongAddress(second))
        return talk.again();
      const its = name.toUpperCase();
      if (its === this.host || its === this.stranger) return false;
      this.stranger = its;
    }
    if (this.turn++ === TURNS2)
      return talk.fail(50 /* Timeout */, this.command, talk.said(), "");
    return talk.give(
      this.command,
      RESOLVE_TIMEOUT,
      OK2,
      49 /* Resolved */,
      false
    );
  }
};
var SetNameServers = class {
  /** @param secondary "" for none */
  constructor(primary, secondary) {
    this.over = false;
    this.problem = null;
    this.behind = null;
    this.command = `AT+CDNSCFG="${primary}"`;
    if (secondary) this.command += `,"${secondary}"`;
  }
  next(talk) {
    const command = this.command;
    this.command = "";
    return command !== "" && talk.say(command, LOCAL);
  }
};

// src/core/dialogues/alphabets.ts
var ZERO8 = 48;
var NINE6 = 57;
var A2 = 55;
var ALPHABET = `@\xA3$\xA5\xE8\xE9\xF9\xEC\xF2\xC7
\xD8\xF8\r\xC5\xE5\u0394_\u03A6\u0393\u039B\u03A9\u03A0\u03A8\u03A3\u0398\u039E \xC6\xE6\xDF\xC9 !"#\xA4%&'()*+,-./0123456789:;<=>?\xA1ABCDEFGHIJKLMNOPQRSTUVWXYZ\xC4\xD6\xD1\xDC\xA7\xBFabcdefghijklmnopqrstuvwxyz\xE4\xF6\xF1\xFC\xE0`;
var ESCAPE = 27;
var EXTENSION = "\n\f^({)}/\\<[=~>]@|e\u20AC";
function number(digits, at, count) {
  let value = 0;
  for (let i = at; i < at + count; i++) {
    const c = digits[i];
    value = value * 16 + c - (c > NINE6 ? A2 : ZERO8);
  }
  return value;
}
function gsmText(digits, from, to) {
  let result = "";
  for (let i = from; i < to; i += 2) {
    const code = number(digits, i, 2) & 127;
    if (code !== ESCAPE) result += ALPHABET[code];
    else if ((i += 2) < to) {
      const follows = String.fromCharCode(number(digits, i, 2));
      for (let k = 0; k < EXTENSION.length; k += 2)
        if (EXTENSION[k] === follows) result += EXTENSION[k + 1];
    }
  }
  return result;
}
function ucs2Text(digits, from, to) {
  let result = "";
  let high = 0;
  for (let i = from; i + 4 <= to; i += 4) {
    const code = number(digits, i, 4);
    if (code >= 55296 && code < 56320) high = code;
    else if (high !== 0 && code >= 56320 && code < 57344) {
      result += String.fromCharCode(
        65536 + (high - 55296) * 1024 + code - 56320
      );
      high = 0;
    } else result += String.fromCharCode(code);
  }
  return result;
}
function ucs2Length(text) {
  let length = text.length;
  for (let i = 0; i < text.length; i++)
    if (text.charCodeAt(i) > 65535) length++;
  return length;
}
function writeUnit(code, buf, at) {
  for (let i = at + 3; i >= at; i--) {
    const digit = code & 15;
    buf[i] = digit + (digit < 10 ? ZERO8 : A2);
    code >>= 4;
  }
}
function writeUcs2(text, buf) {
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    let code = text.charCodeAt(i);
    if (code > 65535) {
      code -= 65536;
      writeUnit(55296 + (code >> 10), buf, at);
      code = 56320 + (code & 1023);
      at += 4;
    }
    writeUnit(code, buf, at);
    at += 4;
  }
}
function ucs2Digits(text) {
  const digits = new Uint8Array(4 * ucs2Length(text));
  writeUcs2(text, digits);
  return digits.toString();
}

// src/core/dialogues/ussd.ts
var REFUSED = "the network knows no such code, or does not answer it now: ask the operator";
var CUT = "the answer is longer than the modem's line";
var QUOTE7 = 34;
var MORE = 1;
var ENDED = 2;
var MOST = 5;
var CARD = 10;
var CARD_END = 18;
var NETWORK = 30;
var NETWORK_END = 32;
var AskUssd = class {
  /** @param timeout in ms */
  constructor(code, timeout) {
    this.over = false;
    this.problem = null;
    this.behind = null;
    this.text = "";
    /** the network waits for a choice */
    this.more = false;
    this.step = 0 /* Ask */;
    this.code = code;
    this.timeout = timeout;
  }
  next(talk) {
    if (this.step === 1 /* Read */) {
      if (this.read(talk)) return this.ask(talk);
      const timedOut = this.problem !== null && this.problem.failure === 50 /* Timeout */;
      this.step = timedOut ? 2 /* Cancel */ : 3 /* Restore */;
    }
    switch (this.step) {
      case 0 /* Ask */:
        return this.ask(talk);
      case 2 /* Cancel */:
        this.step = 3 /* Restore */;
        return talk.attempt("AT+CUSD=2");
      case 3 /* Restore */:
        this.step = 4 /* Done */;
        return talk.attempt(IRA);
    }
    return false;
  }
  ask(talk) {
    const set = talk.ussdSet;
    const code = set === 1 /* Ucs2 */ ? ucs2Digits(this.code) : this.code;
    const names = ["HEX", "UCS2", "IRA"];
    this.step = 1 /* Read */;
    return talk.give(
      `AT+CSCS="${names[set]}";+CUSD=1,"${code}",15`,
      this.timeout,
      OK2,
      50 /* Ussd */,
      false
    );
  }
  /** @returns whether to ask in another character set */
  read(talk) {
    const what = `ussd ${this.code}`;
    const set = talk.ussdSet;
    if (!talk.obeyed()) {
      const cme = talk.request.cme;
      const refused = this.problem.failure === 32 /* CommandRefused */;
      const about = cme >= CARD && cme < CARD_END || cme >= NETWORK && cme <= NETWORK_END;
      if (!refused || about || set === 2 /* Ira */) return false;
      this.problem = null;
      talk.ussdSet++;
      return true;
    }
    const fields = talk.fields;
    const bytes = talk.request.answer;
    const end = talk.request.answerLength - 1;
    const found = talk.seek("+CUSD:");
    const outcome2 = found ? fields.whole(0, MOST) : 0;
    if (!found || fields.wrong) {
      talk.fail(43 /* Unreadable */, what, talk.said(), "");
      return false;
    }
    if (!fields.more()) {
      if (outcome2 === ENDED && set !== 2 /* Ira */) {
        talk.ussdSet++;
        return true;
      }
      talk.ussdSet = 0 /* Hex */;
      talk.fail(36 /* UssdRefused */, what, talk.said(), REFUSED);
      return false;
    }
    this.more = outcome2 === MORE;
    const from = find(bytes, QUOTE7, fields.to, end) + 1;
    let to = end;
    while (to > from && bytes[to] !== QUOTE7) to--;
    if (from === 0 || to <= from - 1 || bytes[to] !== QUOTE7 || to < from) {
      talk.fail(44 /* TooLong */, what, talk.said(), CUT);
      return false;
    }
    let alphabet = 0;
    fields.begin(bytes, to + 1, end);
    fields.next();
    if (fields.more()) alphabet = fields.whole(0, 255);
    if (fields.wrong || outcome2 > ENDED)
      talk.fail(36 /* UssdRefused */, what, talk.said(), REFUSED);
    this.decode(talk, from, to, alphabet);
    return false;
  }
  decode(talk, from, to, alphabet) {
    const bytes = talk.request.answer;
    const set = talk.ussdSet;
    const fields = talk.fields;
    const ucs2 = (alphabet & 204) === 72 || alphabet === 17;
    fields.from = from;
    fields.to = to;
    if ((ucs2 || set === 1 /* Ucs2 */) && fields.isDigits(4, false))
      this.text = ucs2Text(bytes, from, to);
    else if (!ucs2 && set === 0 /* Hex */ && fields.isDigits(2, false))
      this.text = gsmText(bytes, from, to);
    else this.text = textOf(bytes, from, to - from);
  }
};
var CancelUssd = class {
  constructor() {
    this.over = false;
    this.problem = null;
    this.behind = null;
    this.said = false;
  }
  next(talk) {
    const said = this.said;
    this.said = true;
    return !said && talk.say("AT+CUSD=2", LOCAL);
  }
};

// src/espruino/commands.ts
var LARGEST_LIMIT = 16384;
var USSD_TIMEOUT = 6e4;
var LONGEST_USSD = 182;
Sim800.prototype.command = function(line, timeout, limit) {
  const wrong2 = wrongCommand(line);
  if (wrong2) throw bad("line", wrong2);
  checkTime("timeout", timeout);
  const most = limit === void 0 ? COMMAND_LIMIT : limit;
  check("limit", 0 /* Whole */, most, COMMAND_LIMIT, LARGEST_LIMIT);
  const dialogue = new GiveCommand(line, timeout || LOCAL, most);
  return converse(this, dialogue, line).then(() => dialogue.lines);
};
Sim800.prototype.resolve = function(host) {
  check("host", 9 /* Host */, host, 1, 255);
  const dialogue = new Resolve(host);
  return converse(this, dialogue, "resolve " + host).then(
    () => dialogue.second ? [dialogue.first, dialogue.second] : [dialogue.first]
  );
};
Sim800.prototype.setNameServers = function(primary, secondary) {
  checkAddress("primary", primary);
  if (secondary !== void 0) checkAddress("secondary", secondary);
  return converse(
    this,
    new SetNameServers(primary, secondary || ""),
    "set name servers"
  );
};
Sim800.prototype.connectionStatus = function() {
  const dialogue = new AskConnections();
  return converse(this, dialogue, "AT+CIPSTATUS").then(() => ({
    state: dialogue.state,
    server: dialogue.server || void 0,
    links: dialogue.connections
  }));
};
Sim800.prototype.ussd = function(code, timeout) {
  check("code", 7 /* Text */, code, 1, LONGEST_USSD);
  checkTime("timeout", timeout);
  const dialogue = new AskUssd(code, timeout || USSD_TIMEOUT);
  return converse(this, dialogue, "ussd " + code).then(() => ({
    text: dialogue.text,
    more: dialogue.more
  }));
};
Sim800.prototype.cancelUssd = function() {
  return converse(this, new CancelUssd(), "cancel ussd");
};

// src/espruino/context.ts
var OPEN_TIMEOUT = 18e4;
var LONGEST = 50;
var ModemContext = class {
  constructor(modem) {
    if (!modem.core.config.multi)
      throw bad("connections", 'a second context needs "multi"');
    if (modem.second) throw bad("modem", "it has a second context already");
    if (modem.core.bearer.phase !== 0 /* Off */)
      throw bad("modem", "make the context before start()");
    const context = new SecondContext(modem.core);
    this.modem = modem;
    this.context = context;
    modem.second = context;
    context.changed = () => modem.tell();
  }
  open(options) {
    const modem = this.modem;
    const context = this.context;
    checkObject("options", options);
    const apn = options.apn;
    const user = options.user === void 0 ? "" : options.user;
    const password = options.password === void 0 ? "" : options.password;
    check("apn", 7 /* Text */, apn, 0, LONGEST);
    check("user", 7 /* Text */, user, 0, LONGEST);
    check("password", 7 /* Text */, password, 0, LONGEST);
    checkTime("timeout", options.timeout);
    const what = 'open context "' + apn + '"';
    modem.check(what);
    context.open(apn, user, password);
    return modem.until(
      () => context.state === 2 /* Open */ || context.state === 0 /* Closed */ && context.failure !== 0 /* None */,
      options.timeout || OPEN_TIMEOUT
    ).then((decided) => {
      if (context.state === 2 /* Open */) return;
      const failure = decided ? context.failure : 50 /* Timeout */;
      const answer = context.refused === 0 /* None */ ? "" : refusal(commandText(context.refused), context.cme);
      context.close();
      throw failed(failure, what, answer, "");
    });
  }
  address() {
    return textOf(this.context.address, 0, this.context.addressLength);
  }
  close() {
    const context = this.context;
    context.close();
    return this.modem.until(() => context.state === 0 /* Closed */, OPEN_TIMEOUT).then(() => void 0);
  }
};
Sim800.prototype.context = function() {
  return new ModemContext(this);
};

// src/espruino/dgram.ts
Sim800.prototype.dgram = function(options) {
  checkObject("options", options);
  if (this.core.config.reception !== 2 /* Push */)
    throw bad(
      "receive",
      'the sender of a datagram is told with "push" only'
    );
  check("localPort", 0 /* Whole */, options.localPort, 1, 65535);
  const socket = new Socket(
    this,
    {
      proto: "udp",
      host: options.host,
      port: options.port,
      localPort: options.localPort,
      timeout: options.timeout
    },
    true
  );
  socket.open();
  return socket;
};

// src/espruino/network.ts
var KIND = 3;
var UDP = 2;
var TLS = 4;
var TLS_MODULE = "tls";
var CLOSED = -1;
var TIMED_OUT = -3;
var NOT_FOUND = -6;
var TOO_MANY = -7;
var RESET = -9;
var UNKNOWN = -10;
var NOT_CONNECTED = -11;
var BAD_ARGUMENT = -12;
var NO_TLS = -13;
function codeOf(failure) {
  switch (failure) {
    case 0 /* None */:
    case 26 /* ClosedByPeer */:
    case 27 /* ClosedHere */:
      return CLOSED;
    case 50 /* Timeout */:
    case 24 /* ConnectTimeout */:
      return TIMED_OUT;
    case 33 /* NotResolved */:
      return NOT_FOUND;
    case 19 /* NoFreeConnection */:
      return TOO_MANY;
    case 25 /* TlsRefused */:
      return NO_TLS;
    case 46 /* BadArgument */:
      return BAD_ARGUMENT;
    case 2 /* Restarted */:
    case 18 /* PdpDeactivated */:
    case 38 /* SendFailed */:
    case 39 /* SendUnknown */:
    case 41 /* ReceiveTorn */:
      return RESET;
  }
  return UNKNOWN;
}
var Network = class {
  constructor(modem) {
    const modules = process.env.MODULES || "";
    this.modem = modem;
    this.sockets = [];
    this.ownTls = modules.split(",").indexOf(TLS_MODULE) >= 0;
  }
  create(host, port, type, options) {
    const modem = this.modem;
    const kind = type & KIND;
    let socket;
    try {
      if (host === void 0) {
        if (kind === UDP) return BAD_ARGUMENT;
        socket = modem.listen(port);
      } else {
        const tls = (type & TLS) !== 0 && !this.ownTls;
        const own = { host, port, proto: "tcp" };
        if (kind === UDP) own.proto = "udp";
        else if (tls) {
          own.proto = "tls";
          own.verify = options ? options.verify : void 0;
        }
        socket = modem.connect(own);
      }
    } catch (e) {
      return codeOf(e.failure);
    }
    return this.add(socket);
  }
  add(socket) {
    const sockets = this.sockets;
    let id = sockets.indexOf(void 0);
    if (id < 0) id = sockets.length;
    sockets[id] = socket;
    return id;
  }
  close(id) {
    const socket = this.sockets[id];
    this.sockets[id] = void 0;
    if (socket instanceof Socket) socket.end();
    else if (socket) socket.close();
  }
  accept(id) {
    const server = this.sockets[id];
    const socket = server ? server.accept() : null;
    return socket === null ? CLOSED : this.add(socket);
  }
  recv(id, max, type) {
    const socket = this.sockets[id];
    if (!socket) return CLOSED;
    const data = socket.read(max);
    if (data) return data;
    if (socket.over) return codeOf(socket.failure);
    return socket.up || type === TLS ? "" : NOT_CONNECTED;
  }
  send(id, data) {
    const socket = this.sockets[id];
    if (!socket) return CLOSED;
    if (socket.over) return codeOf(socket.failure);
    if (!socket.up || socket.bufferSize > 1460) return 0;
    try {
      socket.write(data);
    } catch (e) {
      return codeOf(e.failure);
    }
    return data.length;
  }
};
Sim800.prototype.network = function() {
  const network = new Network(this);
  const js = require("NetworkJS");
  js.create(network);
  return network;
};

// src/core/dialogues/date.ts
var DAY = 864e5;
var FIRST_YEAR = 15;
var LAST_YEAR = 69;
var ZERO9 = 48;
var SEPARATORS = "//,::";
function daysTo(year, month, day) {
  const y = month > 2 ? year : year - 1;
  const m = month > 2 ? month - 3 : month + 9;
  return 365 * y + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + Math.floor((153 * m + 2) / 5) + day - 719469;
}
function two(bytes, at) {
  const tens = bytes[at] - ZERO9;
  const ones = bytes[at + 1] - ZERO9;
  if (!(tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9)) return NaN;
  return 10 * tens + ones;
}
function readDate(bytes, at) {
  for (let i = 0; i < 5; i++)
    if (bytes[at + 3 * i + 2] !== SEPARATORS.charCodeAt(i)) return NaN;
  const year = two(bytes, at);
  const month = two(bytes, at + 3);
  const day = two(bytes, at + 6);
  const hour = two(bytes, at + 9);
  const minute = two(bytes, at + 12);
  const second = two(bytes, at + 15);
  const sum = year + month + day + hour + minute + second;
  if (isNaN(sum)) return NaN;
  if (year < FIRST_YEAR || year > LAST_YEAR) return -1;
  if (month < 1 || month > 12 || day < 1) return -1;
  if (hour > 23 || minute > 59 || second > 60) return -1;
  const days = daysTo(2e3 + year, month, day);
  const next = month < 12 ? daysTo(2e3 + year, month + 1, 1) : daysTo(2001 + year, 1, 1);
  if (days >= next) return -1;
  return days * DAY + hour * 36e5 + minute * 6e4 + second * 1e3;
}

// src/core/dialogues/messages.ts
var TIMEOUT2 = 1e4;
var SEND_TIMEOUT2 = 65e3;
var DELETE_TIMEOUT = 3e4;
var GSM_LENGTH = 160;
var UCS2_LENGTH = 70;
var CTRL_Z3 = 26;
var LF6 = 10;
var ZERO10 = 48;
var DATE = 17;
var PLACES = 256;
var REFUSED2 = "the short message was not taken";
var NO_MESSAGE = "there is no short message at this place";
var MEMORIES = "SM ME MT SM_P ME_P ";
function memoryName(memory) {
  let at = 0;
  for (let i = 0; i < memory; i++) at = MEMORIES.indexOf(" ", at) + 1;
  return MEMORIES.slice(at, MEMORIES.indexOf(" ", at));
}
function memoryOf(bytes, from, to) {
  for (let memory = 0; memory < 5; memory++) {
    const name = memoryName(memory);
    let i = 0;
    while (i < name.length && bytes[from + i] === name.charCodeAt(i)) i++;
    if (i === name.length && to - from === i) return memory;
  }
  return -1;
}
function memoryCommand(place) {
  return `AT+CMGF=1;+CPMS="${memoryName(Math.floor(place / PLACES))}"`;
}
function notSent(cms) {
  switch (cms) {
    case 1:
    case 28:
    case 30:
      return "the network does not know the number: check it";
    case 8:
      return "the operator does not let this SIM card send: ask there";
    case 10:
      return "sending is barred for this SIM card: ask the operator";
    case 17:
    case 38:
    case 41:
    case 42:
    case 47:
      return "the network can not take it now: try again later";
    case 21:
      return "the network rejects it: check credit and number";
    case 27:
      return "the phone of the number is out of service";
    case 29:
    case 50:
    case 69:
      return "the SIM card may not send short messages: ask the operator";
    case 96:
    case 304:
    case 305:
      return "the modem takes the message for malformed: check the number";
    case 302:
      return "the modem does not allow it in its present state: look at AT+CPIN? and AT+CFUN?";
    case 303:
      return "this firmware can not send short messages";
    case 310:
      return "there is no SIM card";
    case 311:
      return "the SIM card wants its PIN";
    case 313:
    case 315:
      return "the SIM card does not work: try it in a phone";
    case 316:
      return "the SIM card is locked: unlock it with its PUK in a phone";
    case 314:
    case 512:
    case 515:
      return "modem or SIM card are busy, or have just started: try again";
    case 322:
      return "the memory for messages is full: delete some";
    case 330:
      return "the number of the service centre is not known: set it with AT+CSCA";
    case 331:
      return "there is no network: check antenna and coverage";
    case 332:
      return "the network did not answer: whether the message was sent is not known";
  }
  return "";
}
function isGsm(text) {
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    const letter = c < 91 || c > 96 && c < 123 || c === 95;
    if (c !== 10 && (c < 32 || !letter)) return false;
  }
  return true;
}
var SendMessage = class {
  /** @param number `+` and digits, or digits @param text of one message */
  constructor(number3, text) {
    this.over = false;
    this.problem = null;
    this.behind = null;
    /** 0–255, as the network counts */
    this.reference = 0;
    this.step = 0 /* Prepare */;
    this.number = number3;
    this.text = text;
    this.gsm = isGsm(text);
  }
  next(talk) {
    const gsm = this.gsm;
    const what = `send message to ${this.number}`;
    switch (this.step++) {
      case 0 /* Prepare */:
        return talk.say(
          `AT+CMGF=1;+CSCS="${gsm ? "IRA" : "UCS2"}";+CSMP=17,167,0,${gsm ? 0 : 8}`,
          TIMEOUT2
        );
      case 1 /* Send */:
        if (!talk.obeyed()) break;
        talk.say(
          `AT+CMGS="${gsm ? this.number : ucs2Digits(this.number)}"`,
          SEND_TIMEOUT2
        );
        talk.request.data = this.data();
        return true;
      case 2 /* Restore */:
        this.sent(talk, what);
        if (!gsm) return talk.attempt(IRA);
    }
    return false;
  }
  data() {
    const text = this.text;
    const gsm = this.gsm;
    const length = gsm ? text.length : 4 * ucs2Length(text);
    const data = new Uint8Array(length + 1);
    if (gsm) blit(data, 0, text, 0, length);
    else writeUcs2(text, data);
    data[length] = CTRL_Z3;
    return data;
  }
  sent(talk, what) {
    const request = talk.request;
    if (talk.obeyed()) {
      if (talk.seek("+CMGS:")) this.reference = talk.fields.whole(0, 255);
      return;
    }
    if (request.outcome !== 1 /* Refused */) {
      this.problem = null;
      talk.fail(39 /* SendUnknown */, what, "", "");
      return;
    }
    const cme = request.cme;
    const sentence2 = cme >= CMS ? notSent(cme - CMS) : "";
    this.problem = null;
    talk.fail(
      35 /* MessageRefused */,
      what,
      refusal("AT+CMGS", cme),
      sentence2 || REFUSED2
    );
  }
};
var ReadMessage = class {
  constructor(place) {
    this.over = false;
    this.problem = null;
    this.behind = null;
    /** number or name of the sender */
    this.from = "";
    /** time of the service centre, `yy/MM/dd,hh:mm:ss±zz`; "" if it says none */
    this.at = "";
    this.text = "";
    this.asked = false;
    this.restored = false;
    this.place = place;
  }
  next(talk) {
    if (!this.asked) {
      this.asked = true;
      const memory = memoryCommand(this.place);
      return talk.say(
        `${memory};+CSCS="UCS2";+CMGR=${this.place % PLACES}`,
        TIMEOUT2
      );
    }
    if (this.restored) return false;
    if (talk.obeyed() && !this.read(talk) && talk.again()) return true;
    this.restored = true;
    return talk.attempt(IRA);
  }
  /** @returns false if the answer makes no sense */
  read(talk) {
    const fields = talk.fields;
    const bytes = talk.request.answer;
    const behind = talk.seekFrom("+CMGR:", 0);
    if (behind < 0) {
      talk.fail(
        34 /* NoMessage */,
        `read message ${this.place}`,
        "",
        NO_MESSAGE
      );
      return true;
    }
    fields.next();
    fields.next();
    const digits = fields.isDigits(4, false) && bytes[fields.from] === ZERO10 && bytes[fields.from + 1] === ZERO10;
    this.from = digits ? ucs2Text(bytes, fields.from, fields.to) : fields.text();
    fields.next();
    this.at = "";
    if (fields.more()) {
      fields.next();
      const from = fields.from;
      const utc = readDate(bytes, from);
      if (fields.to - from < DATE || isNaN(utc)) return false;
      if (utc >= 0) this.at = fields.text();
    }
    const end = find(bytes, LF6, behind, talk.request.answerLength);
    this.text = "";
    if (fields.wrong) return false;
    if (end <= behind) return true;
    fields.begin(bytes, behind, end);
    fields.from = behind;
    fields.to = end;
    const inDigits = fields.isDigits(4, false);
    if (digits && !inDigits) return false;
    this.text = inDigits ? ucs2Text(bytes, behind, end) : textOf(bytes, behind, end - behind);
    return true;
  }
};
var DeleteMessages = class {
  /** @param flag 0 the one at `place`, 1 all that have been read, 4 all */
  constructor(place, flag) {
    this.over = false;
    this.problem = null;
    this.behind = null;
    this.said = false;
    this.place = place;
    this.flag = flag;
  }
  next(talk) {
    if (this.said) return false;
    this.said = true;
    const memory = memoryCommand(this.place);
    const index = this.flag === 0 ? this.place % PLACES : 1;
    const flag = this.flag === 0 ? "" : `,${this.flag}`;
    return talk.say(`${memory};+CMGD=${index}${flag}`, DELETE_TIMEOUT);
  }
};
var AskStorage = class {
  constructor() {
    this.over = false;
    this.problem = null;
    this.behind = null;
    this.used = 0;
    this.total = 0;
    this.asked = false;
  }
  next(talk) {
    if (!this.asked) {
      this.asked = true;
      return talk.say('AT+CPMS="SM","SM","SM"', TIMEOUT2);
    }
    if (!talk.obeyed()) return false;
    const fields = talk.fields;
    if (!talk.seek("+CPMS:")) return talk.again();
    this.used = fields.whole(0, PLACES);
    this.total = fields.whole(0, PLACES);
    if (this.used > this.total) fields.wrong = true;
    return fields.wrong && talk.again();
  }
};

// src/core/dialogues/phone.ts
var CALL_TIMEOUT = 25e3;
var TIMEOUT3 = 1e4;
var RETRY_MIN = 1e3;
var RETRY_MAX = 6e4;
var IDLE6 = 36e5;
var ARRIVALS = 64;
var CALLER = 24;
var QUOTE8 = 34;
var CallCommand = class {
  /** @param answers ATA, else ATH */
  constructor(answers) {
    this.over = false;
    this.problem = null;
    this.behind = null;
    this.said = false;
    this.answers = answers;
  }
  next(talk) {
    if (this.said) return false;
    this.said = true;
    return talk.give(
      this.answers ? "ATA" : "ATH",
      CALL_TIMEOUT,
      this.answers ? OK2 | 256 /* Connect */ : OK2,
      0 /* Unknown */,
      false
    );
  }
};
var Phone = class {
  constructor(modem, talk) {
    this.work = false;
    this.dueAt = 0;
    this.offline = false;
    this.over = true;
    this.problem = null;
    this.behind = null;
    /** told when somebody calls, a message has come, or the look is over */
    this.changed = null;
    /** calls that have been told of, by RING or +CLIP */
    this.rings = 0;
    this.callerLength = 0;
    /** messages that have come */
    this.arrivals = 0;
    /** messages on the card and room for them, 0 before anybody has looked */
    this.used = 0;
    this.total = 0;
    this.started = false;
    this.step = 0 /* Tell */;
    /** as `Bearer.configured` counts: when the modem was told */
    this.configured = 0;
    this.asked = 0;
    this.pause = RETRY_MIN;
    /** the place to look at next, and how many messages are still to be found */
    this.place = 0;
    this.left = 0;
    this.rounds = 0;
    this.head = 0;
    this.waiting = 0;
    this.modem = modem;
    this.talk = talk;
    this.caller = new Uint8Array(CALLER);
    this.places = new Uint8Array(2 * ARRIVALS);
    this.fields = new Fields(this.places);
    this.known = new Uint8Array(PLACES / 8);
    modem.features.push(this);
  }
  /** Has the modem tell, from now on. */
  start() {
    this.started = true;
    this.begin();
  }
  begin() {
    if (!this.over) return;
    this.asked = this.modem.bearer.configured;
    this.step = 0 /* Tell */;
    this.talk.begin(this);
  }
  line(line) {
    const results = this.modem.results;
    const bytes = this.modem.digest.line;
    const end = this.modem.digest.lineLength;
    if (line === 52 /* Ring */) {
      this.callerLength = 0;
      this.rings++;
    } else if (line === 53 /* Caller */ && bytes[results.argAt] === QUOTE8) {
      const from = results.argAt + 1;
      const to = find(bytes, QUOTE8, from, end);
      if (to < 0) return false;
      const n = to - from < CALLER ? to - from : CALLER;
      blit(this.caller, 0, bytes, from, n);
      this.callerLength = n;
      this.rings++;
    } else if (line === 54 /* NewMessage */) {
      this.stored(bytes, results.argAt, end);
    } else return false;
    if (this.changed !== null) this.changed();
    return false;
  }
  /** `"SM",10`; what can not be read, a look at the card finds. */
  stored(bytes, from, end) {
    const fields = this.fields;
    fields.begin(bytes, from, end);
    fields.next();
    const memory = memoryOf(bytes, fields.from, fields.to);
    const index = fields.whole(0, PLACES - 1);
    if (fields.wrong || memory < 0) {
      this.configured = -1;
      this.work = true;
    } else this.arrived(memory * PLACES + index);
  }
  arrived(place) {
    if (this.waiting === ARRIVALS) {
      this.configured = -1;
      return;
    }
    const at = 2 * ((this.head + this.waiting++) % ARRIVALS);
    this.places[at] = place & 255;
    this.places[at + 1] = place >> 8;
    if (place < PLACES) this.known[place >> 3] |= 1 << (place & 7);
    this.arrivals++;
  }
  /** Takes the next place of a message, -1 if there is none. */
  take() {
    if (this.waiting === 0) return -1;
    const at = 2 * this.head;
    this.head = (this.head + 1) % ARRIVALS;
    this.waiting--;
    if (this.configured < 0) this.work = true;
    return this.places[at] + (this.places[at + 1] << 8);
  }
  /** A place is free again; -1: all are. */
  freed(place) {
    if (place < 0) fill(this.known, 0, this.known.length, 0);
    else if (place < PLACES) this.known[place >> 3] &= ~(1 << (place & 7));
    if (this.used > 0) this.used--;
    if (place < 0) this.used = 0;
  }
  /** There is no room for another message. */
  isFull() {
    return this.total > 0 && this.used >= this.total;
  }
  /** A modem that was set up anew may not know whom it is to tell of. */
  run(now) {
    this.work = false;
    this.dueAt = now + IDLE6;
    if (!this.started) return false;
    if (!this.over) this.dueAt = now + this.pause;
    else if (this.configured !== this.modem.bearer.configured) {
      this.dueAt = now + this.pause;
      if (this.pause < RETRY_MAX) this.pause *= 2;
      this.begin();
    } else this.pause = RETRY_MIN;
    return false;
  }
  done() {
  }
  down() {
    this.work = this.started;
  }
  /** The dialogue: has the modem tell, and looks for messages. */
  next(talk) {
    switch (this.step) {
      case 0 /* Tell */:
        this.step = 1 /* Store */;
        return talk.say("AT+CLIP=1;+CMGF=1;+CNMI=2,1,0,0,0", TIMEOUT3);
      case 1 /* Store */:
        if (!talk.obeyed()) return false;
        this.step = 2 /* Count */;
        return talk.say('AT+CPMS="SM","SM","SM"', TIMEOUT3);
      case 2 /* Count */:
        if (!talk.obeyed()) return false;
        if (!this.counted(talk)) return talk.again();
        this.configured = this.asked;
        if (this.used === 0) return false;
        this.step = 3 /* Look */;
        this.rounds = 0;
        this.place = this.total;
        this.left = this.used;
        break;
      case 3 /* Look */:
        this.looked(talk);
    }
    if (this.step !== 3 /* Look */) return false;
    if (this.left > 0 && this.place === this.total && this.rounds < 2) {
      this.rounds++;
      this.place = 0;
      this.left = this.used;
    }
    if (this.left > 0 && this.place < this.total) {
      this.place++;
      return talk.attempt(`AT+CSCS="UCS2";+CMGR=${this.place},1`);
    }
    this.step = 4 /* Done */;
    return talk.attempt(IRA);
  }
  counted(talk) {
    const fields = talk.fields;
    if (!talk.seek("+CPMS:")) return false;
    const used2 = fields.whole(0, PLACES - 1);
    const total = fields.whole(0, PLACES - 1);
    if (fields.wrong || used2 > total) return false;
    this.used = used2;
    this.total = total;
    return true;
  }
  /** What is at the place that was looked at: `+CMGR: "REC READ",…`, or nothing. */
  looked(talk) {
    const place = this.place;
    if (!talk.seek("+CMGR:")) return;
    this.left--;
    if (talk.fields.word().startsWith("STO")) return;
    if ((this.known[place >> 3] & 1 << (place & 7)) === 0)
      this.arrived(place);
  }
};

// src/espruino/phone.ts
var MEMORIES2 = 5;
var LISTEN = "listen for calls and messages";
function isNumber2(number3) {
  if (typeof number3 !== "string") return false;
  const digits = number3.startsWith("+") ? number3.slice(1) : number3;
  return !wrong(8 /* Digits */, digits, 3, 20);
}
var Messages = class {
  constructor(modem) {
    this.rings = 0;
    this.arrivals = 0;
    const talk = talkOf(modem);
    this.modem = modem;
    this.events = new Phone(modem.core, talk);
    this.events.changed = () => this.told();
  }
  start() {
    this.modem.check(LISTEN);
    this.events.start();
    return outcome(this.modem, this.events, LISTEN);
  }
  told() {
    const events = this.events;
    const emitter = this.modem;
    if (events.rings !== this.rings) {
      this.rings = events.rings;
      emitter.emit("ring", textOf(events.caller, 0, events.callerLength));
    }
    if (events.arrivals !== this.arrivals) {
      this.arrivals = events.arrivals;
      emitter.emit("message");
    }
    this.modem.tell();
  }
  next() {
    const events = this.events;
    const place = events.take();
    if (place >= 0) return place;
    if (events.isFull())
      throw failed(
        45 /* MemoryFull */,
        "next message",
        "",
        "all " + events.total + " places of the SIM card are taken, so that no message can come: delete some"
      );
    return void 0;
  }
  read(index) {
    check("index", 0 /* Whole */, index, 0, MEMORIES2 * PLACES - 1);
    const dialogue = new ReadMessage(index);
    return converse(this.modem, dialogue, "read message " + index).then(
      () => ({
        from: dialogue.from,
        at: dialogue.at,
        text: dialogue.text
      })
    );
  }
  remove(index) {
    check("index", 0 /* Whole */, index, 0, MEMORIES2 * PLACES - 1);
    return converse(
      this.modem,
      new DeleteMessages(index, 0),
      "delete message " + index
    ).then(() => this.events.freed(index));
  }
  removeAll(which) {
    checkWord("which", which, ["read", "all"]);
    const all = which === "all";
    return converse(
      this.modem,
      new DeleteMessages(0, all ? 4 : 1),
      "delete messages"
    ).then(() => {
      if (!all) return this.storage().then(() => void 0);
      this.events.freed(-1);
    });
  }
  storage() {
    const dialogue = new AskStorage();
    return converse(this.modem, dialogue, "message storage").then(() => {
      this.events.used = dialogue.used;
      this.events.total = dialogue.total;
      return { used: dialogue.used, total: dialogue.total };
    });
  }
  send(number3, text) {
    if (!isNumber2(number3))
      throw bad(
        "number",
        '"' + number3 + '" is not a number of 3\u201320 digits'
      );
    if (typeof text !== "string") throw bad("text", "a string is expected");
    const gsm = isGsm(text);
    const length = gsm ? text.length : ucs2Length(text);
    const most = gsm ? GSM_LENGTH : UCS2_LENGTH;
    if (length < 1 || length > most)
      throw bad(
        "text",
        length + " characters: a short message holds " + GSM_LENGTH + ", or " + UCS2_LENGTH + " if there is any that is not ASCII or one of []{}\\^|~`"
      );
    const dialogue = new SendMessage(number3, text);
    return converse(this.modem, dialogue, "send message to " + number3).then(
      () => dialogue.reference
    );
  }
};
Sim800.prototype.sms = function() {
  if (!this.box) this.box = new Messages(this);
  return this.box;
};
Sim800.prototype.answer = function() {
  return converse(this, new CallCommand(true), "answer");
};
Sim800.prototype.hangUp = function() {
  return converse(this, new CallCommand(false), "hang up");
};

// src/core/server.ts
var RESULT_TIMEOUT = 1e4;
var PAUSE3 = 1e4;
var IDLE7 = 36e5;
var Server = class {
  constructor(modem) {
    this.work = false;
    this.dueAt = 0;
    this.offline = false;
    this.state = 0 /* Closed */;
    /** the port to listen on, 0 for none */
    this.port = 0;
    /** why the last try has failed */
    this.failure = 0 /* None */;
    this.cme = -1 /* Plain */;
    /** told of every change of state */
    this.changed = null;
    /** it may listen, though it has not said so: it is closed first */
    this.doubt = false;
    this.modem = modem;
    modem.features.push(this);
  }
  /**
   * Listens as soon as there is a context, and again after every loss of it.
   * @param port 1–65535
   */
  open(port) {
    this.port = port;
    this.failure = 0 /* None */;
    this.come();
  }
  /** Stops listening; peers that have connected stay. */
  close() {
    this.port = 0;
    this.come();
  }
  /** There is something to do; AT+CIPSERVER wants to be the first. */
  come() {
    const connections = this.modem.connections;
    this.work = true;
    connections.hold = this.port > 0 && this.failure === 0 /* None */ && this.state !== 2 /* Listening */;
    connections.work = true;
  }
  line(line) {
    if (line === 15 /* ServerOk */) {
      if (this.state === 1 /* Opening */) {
        this.failure = 0 /* None */;
        this.become(2 /* Listening */);
      }
    } else if (line === 16 /* ServerClose */) {
      if (this.state !== 1 /* Opening */)
        this.become(0 /* Closed */);
    } else return false;
    return true;
  }
  run(now) {
    this.work = false;
    const waits = this.state === 1 /* Opening */ || this.state === 3 /* Closing */;
    const late = (now - this.dueAt | 0) >= 0;
    if (waits && late) {
      if (this.state === 1 /* Opening */) {
        this.failure = 21 /* ServerRefused */;
        this.cme = -2 /* NoAnswer */;
        this.doubt = true;
      }
      this.become(0 /* Closed */);
    }
    const close = this.doubt || this.port === 0 && this.state === 2 /* Listening */;
    const open = !close && this.port > 0 && this.state === 0 /* Closed */;
    if (open && this.failure !== 0 /* None */ && !late) return false;
    if (!open && !close) {
      if (!waits) this.dueAt = now + IDLE7;
      return false;
    }
    const bearer = this.modem.bearer;
    if (open && (bearer.state === 13 /* TcpClosed */ || bearer.state === 14 /* UdpClosed */)) {
      bearer.shutWanted = true;
      return false;
    }
    this.doubt = false;
    this.modem.channel.begin(45 /* Cipserver */, -1, now);
    if (open) this.modem.encoder.numbers(1, this.port);
    else this.modem.encoder.numbers(0, -1);
    this.dueAt = now + RESULT_TIMEOUT;
    this.become(open ? 1 /* Opening */ : 3 /* Closing */);
    return true;
  }
  done(_, outcome2, now) {
    if (outcome2 === 0 /* Ok */) {
      this.dueAt = now + RESULT_TIMEOUT;
      return;
    }
    if (this.state === 3 /* Closing */) {
      this.become(0 /* Closed */);
      return;
    }
    this.failure = 21 /* ServerRefused */;
    this.modem.connections.failures++;
    this.cme = this.modem.channel.cme;
    this.dueAt = now + PAUSE3;
    this.become(0 /* Closed */);
  }
  down() {
    this.failure = 0 /* None */;
    this.doubt = false;
    this.become(0 /* Closed */);
  }
  /** Whatever it is now: there may be something to do. */
  become(state) {
    if (this.state !== state) {
      this.state = state;
      const connections = this.modem.connections;
      connections.serving = state === 2 /* Listening */ || state === 1 /* Opening */;
      connections.recount();
      if (this.changed !== null) this.changed();
    }
    this.come();
  }
};

// src/espruino/server.ts
var REFUSED3 = "the modem does not listen: listen before you connect (it wants IP STATUS), and check the port";
var ModemServer = class {
  constructor(modem, server, port) {
    /** peers that `accept()` is to give */
    this.peers = [];
    this.told = false;
    this.modem = modem;
    this.server = server;
    this.port = port;
  }
  /** Whether it listens; after every loss it does so again by itself. */
  listening() {
    return this.server.state === 2 /* Listening */;
  }
  /** @internal The core has news of the server, or a peer has come. */
  notify() {
    const server = this.server;
    const self = this;
    if (server.port !== this.port) return;
    if (server.state === 2 /* Listening */ && !this.told) {
      this.told = true;
      this.emit("listening");
    } else if (server.failure !== 0 /* None */ && !this.told) {
      this.told = true;
      this.emit(
        "error",
        failed(
          server.failure,
          "listen on port " + this.port,
          refusal(commandText(45 /* Cipserver */), server.cme),
          REFUSED3
        )
      );
    }
    const connections = this.modem.core.connections;
    while (connections.incoming !== 0) {
      const link = connections.list[connections.accepted()];
      const a = link.address;
      const peer = {
        host: a[0] + "." + a[1] + "." + a[2] + "." + a[3],
        port: this.port
      };
      const socket = new Socket(this.modem, peer, false);
      socket.use(link);
      if (self["#onconnection"] === void 0) this.peers.push(socket);
      else this.emit("connection", socket);
      socket.notify();
    }
  }
  /** @internal A peer that nobody has got yet, or null. */
  accept() {
    return this.peers.length > 0 ? this.peers.shift() : null;
  }
  /** Stops listening. Peers that have been told of stay. */
  close() {
    const server = this.server;
    if (server.port !== this.port) return;
    server.close();
    this.modem.onIncoming = null;
    while (this.peers.length > 0) this.peers.shift().destroy();
    this.modem.until(() => server.state === 0 /* Closed */, 12e4).then(() => this.emit("close"));
  }
};
Sim800.prototype.listen = function(port, connected) {
  const core = this.core;
  const what = "listen on port " + port;
  check("port", 0 /* Whole */, port, 1, 65535);
  const config = core.config;
  if (config.multi && config.connections < CONNECTIONS)
    throw bad(
      "sockets",
      "a server needs them all: the modem chooses the number of a peer"
    );
  this.check(what);
  let server;
  for (let i = 0; i < core.features.length; i++)
    if (core.features[i] instanceof Server)
      server = core.features[i];
  if (!server) server = new Server(core);
  if (server.port > 0) throw failed(47 /* Busy */, what, "", "");
  const listener = new ModemServer(this, server, port);
  const emitter = listener;
  if (connected) emitter.on("connection", connected);
  this.onIncoming = () => listener.notify();
  server.changed = () => {
    this.tell();
    listener.notify();
  };
  server.open(port);
  this.pump();
  return listener;
};

// src/core/sleep.ts
var WAKE_DTR = 80;
var WAKE_SERIAL = 200;
var SERIAL_IDLE = 4e3;
var RETRY = 5e3;
var IDLE8 = 36e5;
var CR5 = 13;
var Sleep = class {
  /**
   * @param idle how long nothing has to be done before the modem may sleep,
   * ms; with SleepMode.Serial the modem itself decides
   */
  constructor(modem, mode, idle) {
    this.work = true;
    this.dueAt = 0;
    this.offline = false;
    /** how often the modem was allowed to sleep, and was woken */
    this.sleeps = 0;
    this.wakes = 0;
    this.state = 0 /* Awake */;
    /** AT+CSCLK has been obeyed */
    this.set = false;
    this.busyAt = 0;
    this.wakeAt = 0;
    this.modem = modem;
    this.mode = mode;
    this.idle = idle;
    modem.features.push(this);
    modem.sleep = this;
  }
  /**
   * To be asked before each command.
   * @param needed there is something to be done
   * @returns whether it can be done now
   */
  ready(needed, now) {
    if (this.state === 1 /* Waking */) {
      if ((now - this.wakeAt | 0) < 0) return false;
      this.state = 0 /* Awake */;
      this.busyAt = now;
      return true;
    }
    if (!this.set) return true;
    if (this.mode === 2 /* Serial */) {
      const channel = this.modem.channel;
      const idle = now - channel.sentAt | 0;
      const encoder = this.modem.encoder;
      if (!needed || idle < SERIAL_IDLE || encoder.left > 0) return true;
      channel.sentAt = now;
      this.wake(now);
      encoder.fill(CR5, 1);
      return false;
    }
    if (this.state === 2 /* Asleep */) {
      if (!needed) return false;
      this.modem.dtr = true;
      this.wake(now);
      return false;
    }
    if (needed || this.modem.bearer.phase !== 7 /* Ready */) this.busyAt = now;
    else if ((now - this.busyAt | 0) >= this.idle) {
      this.modem.dtr = false;
      this.sleeps++;
      this.state = 2 /* Asleep */;
    }
    return true;
  }
  wake(now) {
    this.wakes++;
    this.wakeAt = now + (this.mode === 1 /* Dtr */ ? WAKE_DTR : WAKE_SERIAL);
    this.state = 1 /* Waking */;
  }
  /** When `ready()` is to be asked again. @param at when something is to be done */
  pollAt(at) {
    if (this.state === 1 /* Waking */) return this.wakeAt;
    if (this.state === 0 /* Awake */ && this.set && this.mode === 1 /* Dtr */) {
      const sleepAt = this.busyAt + this.idle;
      if ((sleepAt - at | 0) < 0) return sleepAt;
    }
    return at;
  }
  line() {
    return false;
  }
  run(now) {
    this.work = false;
    this.dueAt = now + IDLE8;
    if (this.set) return false;
    this.modem.channel.begin(53 /* Csclk */, -1, now);
    this.modem.encoder.numbers(this.mode, -1);
    return true;
  }
  done(_, outcome2, now) {
    this.set = outcome2 === 0 /* Ok */;
    this.busyAt = now;
    if (!this.set) this.dueAt = now + RETRY;
  }
  down() {
    this.set = false;
    this.work = true;
    this.state = 0 /* Awake */;
    this.modem.dtr = true;
  }
};

// src/espruino/sleep.ts
var RECEIVE_POLL2 = 6e4;
Sim800.prototype.allowSleep = function(options) {
  const given = options === void 0 ? {} : options;
  checkObject("options", given);
  const wakeBy = given.wakeBy === void 0 ? "dtr" : given.wakeBy;
  const idle = given.idle === void 0 ? 2e3 : given.idle;
  checkWord("wakeBy", wakeBy, ["dtr", "serial"]);
  const core = this.core;
  if (wakeBy === "dtr" && !this.port.hasDtr)
    throw bad("wakeBy", 'DTR is not wired: wire it, or use "serial"');
  if (core.config.transparent)
    throw bad("transparent", "DTR has another meaning there");
  check("idle", 0 /* Whole */, idle, 100, 36e5);
  if (core.sleep) throw bad("modem", "it may sleep already");
  if (core.bearer.phase !== 0 /* Off */)
    throw bad("modem", "call allowSleep() before start()");
  core.config.receivePoll = RECEIVE_POLL2;
  return new Sleep(
    core,
    wakeBy === "dtr" ? 1 /* Dtr */ : 2 /* Serial */,
    idle
  );
};

// src/core/dialogues/location.ts
var OPEN_TIMEOUT2 = 9e4;
var CLOSE_TIMEOUT = 7e4;
var LOCATION_TIMEOUT = 12e4;
var UP2 = 1;
var UNKNOWN2 = "the location server does not say where this is: try again later";
var NOWHERE = "the location server says a place that is not on this globe: try again later";
var FARTHEST = 1e5;
var AskLocation = class {
  /** @param latitudeFirst the firmware tells the latitude in front of the longitude */
  constructor(latitudeFirst) {
    this.over = false;
    this.problem = null;
    this.behind = null;
    /** degrees, south and west negative */
    this.latitude = 0;
    this.longitude = 0;
    /** m */
    this.accuracy = 0;
    /** ms since 1970, -1 if the server does not say it */
    this.utc = -1;
    this.step = 0 /* Look */;
    this.latitudeFirst = latitudeFirst;
  }
  next(talk) {
    const config = talk.modem.config;
    if (this.step === 1 /* Kind */ && talk.obeyed()) {
      if (!talk.seek("+SAPBR:")) return talk.again();
      talk.fields.skip(1);
      const state = talk.fields.whole(0, 3);
      if (talk.fields.wrong) return talk.again();
      if (state === UP2) this.step = 6 /* Ask */;
    }
    if (this.step === 7 /* Close */ && talk.obeyed() && !this.read(talk)) {
      if (talk.again()) return true;
    }
    if (!talk.obeyed() && this.step !== 7 /* Close */) return false;
    switch (this.step++) {
      case 0 /* Look */:
        return talk.say("AT+SAPBR=2,1", LOCAL);
      case 1 /* Kind */:
        return talk.say('AT+SAPBR=3,1,"Contype","GPRS"', LOCAL);
      case 2 /* Apn */:
        return talk.say(`AT+SAPBR=3,1,"APN","${config.apn}"`, LOCAL);
      case 3 /* User */:
        return talk.say(`AT+SAPBR=3,1,"USER","${config.user}"`, LOCAL);
      case 4 /* Password */:
        return talk.say(
          `AT+SAPBR=3,1,"PWD","${config.password}"`,
          LOCAL
        );
      case 5 /* Open */:
        return talk.say("AT+SAPBR=1,1", OPEN_TIMEOUT2);
      case 6 /* Ask */:
        return talk.say("AT+CLBS=4,1", LOCATION_TIMEOUT);
      case 7 /* Close */:
        return talk.say("AT+SAPBR=0,1", CLOSE_TIMEOUT);
    }
    return false;
  }
  /**
   * code, longitude, latitude, accuracy, yy/MM/dd, hh:mm:ss
   * @returns false if it makes no sense
   */
  read(talk) {
    const fields = talk.fields;
    if (!talk.seek("+CLBS:")) return false;
    const code = fields.whole(0, 999);
    if (fields.wrong) return false;
    if (code !== 0) {
      talk.fail(37 /* NoLocation */, "location", talk.said(), UNKNOWN2);
      return true;
    }
    const first = fields.decimal(-180, 180);
    const second = fields.decimal(-180, 180);
    this.accuracy = fields.decimal(0, FARTHEST);
    if (fields.wrong) return false;
    this.utc = -1;
    if (fields.more()) {
      fields.next();
      const from = fields.from;
      const utc = readDate(talk.request.answer, from);
      fields.next();
      if (isNaN(utc) || fields.to - from !== 17) return false;
      this.utc = utc;
    }
    let latitudeFirst = this.latitudeFirst;
    if (first > 90 || first < -90) latitudeFirst = false;
    else if (second > 90 || second < -90) latitudeFirst = true;
    this.latitude = latitudeFirst ? first : second;
    this.longitude = latitudeFirst ? second : first;
    if (this.latitude > 90 || this.latitude < -90)
      talk.fail(37 /* NoLocation */, "location", talk.said(), NOWHERE);
    return true;
  }
};

// src/core/dialogues/telemetry.ts
var OPERATOR_TIMEOUT = 45e3;
var UNKNOWN3 = 99;
var LF7 = 10;
var QUARTER_HOUR = 9e5;
var ZONES = 96;
var AskBattery = class {
  constructor() {
    this.over = false;
    this.problem = null;
    this.behind = null;
    /** 0 it does not charge, 1 it does, 2 it is full */
    this.charge = 0;
    this.percent = 0;
    this.millivolts = 0;
    this.asked = false;
  }
  next(talk) {
    if (!this.asked) {
      this.asked = true;
      return talk.say("AT+CBC", LOCAL);
    }
    if (!talk.obeyed()) return false;
    const fields = talk.fields;
    if (!talk.seek("+CBC:")) return talk.again();
    this.charge = fields.whole(0, 2);
    this.percent = fields.whole(0, 100);
    this.millivolts = fields.whole(1e3, 9999);
    return fields.wrong && talk.again();
  }
};
var AskSignal = class {
  constructor() {
    this.over = false;
    this.problem = null;
    this.behind = null;
    /** -113 to -51, 0: not known */
    this.dbm = 0;
    /** class of the bit error rate, 0–7, -1: not known */
    this.errors = 0;
    this.asked = false;
  }
  next(talk) {
    if (!this.asked) {
      this.asked = true;
      return talk.say("AT+CSQ", LOCAL);
    }
    if (!talk.obeyed()) return false;
    const fields = talk.fields;
    if (!talk.seek("+CSQ:")) return talk.again();
    const strength = fields.whole(0, UNKNOWN3);
    const errors = fields.whole(0, UNKNOWN3);
    if (strength > 31 && strength < UNKNOWN3) fields.wrong = true;
    if (errors > 7 && errors < UNKNOWN3) fields.wrong = true;
    this.dbm = strength === UNKNOWN3 ? 0 : 2 * strength - 113;
    this.errors = errors === UNKNOWN3 ? -1 : errors;
    return fields.wrong && talk.again();
  }
};
var AskIdentity = class {
  constructor() {
    this.over = false;
    this.problem = null;
    this.behind = null;
    this.imei = "";
    this.iccid = "";
    this.operator = "";
    this.asked = false;
  }
  next(talk) {
    if (!this.asked) {
      this.asked = true;
      return talk.say("AT+GSN;+CCID;+COPS?", OPERATOR_TIMEOUT);
    }
    if (!talk.obeyed()) return false;
    const fields = talk.fields;
    const bytes = talk.request.answer;
    const length = talk.request.answerLength;
    let right = false;
    this.imei = "";
    this.iccid = "";
    this.operator = "";
    if (talk.seek("+COPS:")) {
      fields.whole(0, 4);
      if (fields.more()) {
        fields.whole(0, 2);
        this.operator = fields.word();
      }
      right = !fields.wrong;
    }
    if (talk.seek("+CCID:")) this.iccid = this.card(talk);
    for (let at = 0; at < length; ) {
      const end = find(bytes, LF7, at, length);
      fields.begin(bytes, at, end);
      at = end + 1;
      fields.next();
      if (fields.more()) continue;
      if (this.imei === "" && fields.isDigits(1, true)) {
        if (fields.to - fields.from === 15) this.imei = fields.text();
      } else if (this.iccid === "" && this.imei !== "") {
        fields.begin(bytes, fields.from, end);
        this.iccid = this.card(talk);
      }
    }
    if (this.imei === "" || this.iccid === "") right = false;
    return !right && talk.again();
  }
  /** The number of a SIM card: 18 to 20 digits, or hexadecimal ones; filled up with F. */
  card(talk) {
    const fields = talk.fields;
    fields.next();
    const n = fields.to - fields.from;
    if (n < 8 || n > 22 || !fields.isDigits(1, false)) return "";
    const text = fields.text();
    return text[n - 1] === "F" ? text.slice(0, n - 1) : text;
  }
};
var AskTime = class {
  constructor() {
    this.over = false;
    this.problem = null;
    this.behind = null;
    /** ms since 1970, -1: the clock has not been set, or does not say its zone */
    this.utc = -1;
    /** local time less UTC, in quarter hours */
    this.zone = 0;
    this.asked = false;
    this.set = false;
  }
  next(talk) {
    if (!this.asked) {
      this.asked = true;
      return talk.say("AT+CLTS?;+CCLK?", LOCAL);
    }
    if (!talk.obeyed() || this.set) return false;
    const fields = talk.fields;
    if (!talk.seek("+CLTS:")) return talk.again();
    const allowed = fields.whole(0, 1);
    if (fields.wrong || !talk.seek("+CCLK:")) return talk.again();
    this.clock(talk);
    if (fields.wrong) return talk.again();
    if (allowed === 1) return false;
    this.set = true;
    return talk.say("AT+CLTS=1;&W", LOCAL);
  }
  /** `"yy/MM/dd,hh:mm:ss±zz"`, local time; without quotation marks on some. */
  clock(talk) {
    const fields = talk.fields;
    const bytes = talk.request.answer;
    let from = 0;
    let to = 0;
    fields.next();
    from = fields.from;
    if (fields.more()) fields.next();
    to = fields.to;
    if (to - from < 17) {
      fields.wrong = true;
      return;
    }
    const local = readDate(bytes, from);
    this.utc = -1;
    this.zone = 0;
    if (isNaN(local)) fields.wrong = true;
    if (fields.wrong || to - from === 17) return;
    fields.begin(bytes, from + 17, to);
    this.zone = fields.whole(-ZONES, ZONES);
    if (local >= 0) this.utc = local - this.zone * QUARTER_HOUR;
  }
};

// src/espruino/telemetry.ts
Sim800.prototype.battery = function() {
  const dialogue = new AskBattery();
  return converse(this, dialogue, "battery").then(() => {
    const charge = dialogue.charge;
    return {
      volts: dialogue.millivolts / 1e3,
      percent: dialogue.percent,
      charge: charge === 1 ? "charging" : charge === 2 ? "full" : "none"
    };
  });
};
Sim800.prototype.signal = function() {
  const dialogue = new AskSignal();
  return converse(this, dialogue, "signal").then(() => ({
    dbm: dialogue.dbm === 0 ? void 0 : dialogue.dbm,
    errors: dialogue.errors < 0 ? void 0 : dialogue.errors
  }));
};
Sim800.prototype.identity = function() {
  const dialogue = new AskIdentity();
  return converse(this, dialogue, "identity").then(() => ({
    imei: dialogue.imei,
    iccid: dialogue.iccid,
    operator: dialogue.operator
  }));
};
Sim800.prototype.time = function() {
  const dialogue = new AskTime();
  return converse(this, dialogue, "time").then(
    () => dialogue.utc < 0 ? void 0 : { utc: dialogue.utc, zone: dialogue.zone }
  );
};
Sim800.prototype.location = function(options) {
  if (options !== void 0) checkObject("options", options);
  const first = options && options.first || "longitude";
  checkWord("first", first, ["longitude", "latitude"]);
  const dialogue = new AskLocation(first === "latitude");
  return converse(this, dialogue, "location").then(() => ({
    longitude: dialogue.longitude,
    latitude: dialogue.latitude,
    accuracy: dialogue.accuracy,
    utc: dialogue.utc < 0 ? void 0 : dialogue.utc
  }));
};

// src/core/data-mode.ts
var GUARD2 = 1100;
var DTR_LOW = 1100;
var ESCAPE_TIMEOUT = 3e3;
var OVER_TIMEOUT = 1e3;
var UART_GRACE2 = 1e4;
var QUIET3 = 200;
var TAIL = 192;
var LAST_WORD = 500;
var GLITCH = 12e3;
var DCD_LAG = 100;
var PIECE_LAG = 20;
var DCD_ON = 1e3;
var SILENCE2 = 30;
var IDLE9 = 36e5;
var OUT = -1;
var CR6 = 13;
var PLUS5 = 43;
var OK3 = "\r\nOK\r\n";
var CLOSED2 = "\r\nCLOSED\r\n";
var DEACT = "\r\n+PDP: DEACT\r\n";
var CONNECT = "\r\nCONNECT\r\n";
var READY = "\r\nRDY\r\n";
function matches(ring, at, text, n) {
  const mask = ring.size - 1;
  for (let i = 0; i < n; i++)
    if (ring.buf[ring.tail + at + i & mask] !== text.charCodeAt(i))
      return false;
  return true;
}
function find2(ring, text) {
  const mask = ring.size - 1;
  const first = text.charCodeAt(0);
  for (let at = ring.used - text.length; at >= 0; at--)
    if (ring.buf[ring.tail + at & mask] === first && matches(ring, at, text, text.length))
      return at;
  return -1;
}
var DataMode = class {
  /** @param modem for a single connection and pushed data; not started yet */
  constructor(modem) {
    this.work = false;
    this.dueAt = 0;
    this.offline = false;
    this.state = 0 /* Off */;
    /** why data mode could not be left, or not be entered again */
    this.failure = 0 /* None */;
    /** told of every change of state */
    this.changed = null;
    /** the application wants command mode */
    this.commandWanted = false;
    /** since when the present state lasts */
    this.since = 0;
    /** since when DTR has been low */
    this.lowSince = 0;
    /** when the UART was last seen sending, while data mode is being left */
    this.sentAt = 0;
    this.left = 0;
    this.receivedAt = 0;
    this.seen = 0;
    /** DCD has been low since data mode began */
    this.carrier = false;
    /** DCD is low, and CONNECT is awaited: commands might be data for the peer */
    this.watching = false;
    this.watchedAt = 0;
    /** data mode is left because nobody knows whether it is on */
    this.doubt = 0 /* None */;
    /** DCD has been off and on again since data mode began */
    this.glitched = false;
    /** escapes without an OK */
    this.tries = 0;
    /** no OK has shown that command mode is on: if the connection is there, it ends */
    this.unproven = false;
    /** something that is not known has come in place of CONNECT */
    this.strange = false;
    this.modem = modem;
    this.link = modem.connections.list[0];
    modem.config.transparent = true;
    modem.features.push(this);
    modem.data = this;
  }
  /** Whether the bytes of the UART are data. */
  active() {
    return this.state !== 0 /* Off */ && this.state !== 4 /* Command */;
  }
  /** CONNECT has come: the next byte is data. */
  enter(now) {
    this.commandWanted = false;
    this.failure = 0 /* None */;
    this.receivedAt = now;
    this.seen = 0;
    this.carrier = false;
    this.glitched = false;
    this.unproven = false;
    this.watching = false;
    this.certain();
    this.lower(now);
    this.modem.connections.work = true;
    this.become(1 /* Data */, now);
  }
  lower(now) {
    this.modem.dtr = true;
    this.lowSince = now;
  }
  /**
   * DCD is on, and CONNECT has not come. Until it does, nothing is given nor
   * believed. If it does not it was damaged: data may be missing, so the connection
   * is no use; data mode is left without a word to the peer.
   */
  watch(now) {
    const modem = this.modem;
    const ring = modem.ring;
    if (!modem.dcd || this.state !== 0 /* Off */ || modem.bearer.phase !== 7 /* Ready */ || !(this.link.state === 4 /* Connecting */ || this.serves()) || modem.channel.command !== 0 /* None */ || find2(ring, CONNECT) >= 0) {
      this.watching = false;
      return;
    }
    if (!this.watching) {
      this.watching = true;
      this.watchedAt = now;
    }
    if ((now - this.watchedAt | 0) < DCD_ON && ring.used < ring.size)
      return;
    modem.connections.transparent(now);
    this.enter(now);
    modem.connections.refuse(this.link, 42 /* Desynchronised */);
  }
  serves() {
    return this.modem.connections.serving;
  }
  /**
   * Leaves data mode as soon as what is being sent is on the wire. If CTS
   * holds it up for too long that is a failure, and data mode goes on.
   */
  leave() {
    this.failure = 0 /* None */;
    this.commandWanted = true;
    this.work = true;
  }
  /** Goes back to data mode (ATO). */
  resume() {
    this.failure = 0 /* None */;
    this.commandWanted = false;
    this.work = true;
  }
  /** Does what is due in data mode. */
  poll(now) {
    const modem = this.modem;
    const ring = modem.ring;
    const used2 = ring.used;
    if (used2 !== this.seen) this.receivedAt = now;
    else if ((now - this.receivedAt | 0) > IDLE9)
      this.receivedAt = now - IDLE9;
    if ((now - this.since | 0) > IDLE9) this.since = now - IDLE9;
    if ((now - this.lowSince | 0) > IDLE9) this.lowSince = now - IDLE9;
    switch (this.state) {
      case 5 /* Ending */:
        this.ending(now);
        break;
      case 3 /* Escaping */:
        this.escaping(now);
        break;
      default: {
        if (modem.dcd) this.carrier = true;
        else if (!this.carrier && (now - this.since | 0) >= DCD_ON) {
          this.carrier = true;
          modem.connections.refuse(this.link, 29 /* NoCarrier */);
        }
        if (this.glitched) this.restarted(now);
        if (this.suspicious() && this.succeeded(now)) break;
        const word = this.lastWord();
        const waited = (now - this.receivedAt | 0) >= this.lag(word);
        const closed = word >= CLOSED2.length && waited;
        const on = modem.dcd || this.leaving() || !(this.carrier || closed);
        let keep = 0;
        if (!on || this.tries > 0 || this.suspicious())
          keep = this.tail();
        else if (!waited) keep = word;
        this.deliver(used2 - keep);
        if (on) this.send(now);
        else {
          this.halt();
          this.become(5 /* Ending */, now);
          this.ending(now);
        }
      }
    }
    this.seen = ring.used;
  }
  /** When `poll()` has something to do even if nothing comes in. */
  pollAt(now) {
    const encoder = this.modem.encoder;
    if (this.watching) return this.watchedAt + DCD_ON;
    let at = now + IDLE9;
    switch (this.state) {
      case 5 /* Ending */: {
        const quiet = this.receivedAt + SILENCE2;
        if ((quiet - now | 0) > 0) return quiet;
        const end = this.since + LAST_WORD;
        if ((end - now | 0) > 0) return end;
        const doubt = this.since + GLITCH;
        return (doubt - now | 0) > 0 ? doubt : now + QUIET3;
      }
      case 3 /* Escaping */:
        return now + QUIET3;
      case 2 /* Silence */:
        at = encoder.drain ? this.sentAt + UART_GRACE2 : this.escapeAt();
        break;
      default:
        if (this.leaving()) return now;
        if (encoder.left === 0 && this.link.sendState >= 3 /* Wanted */)
          return now;
        if (!this.carrier) at = this.since + DCD_ON;
    }
    const word = this.seen > 0 ? this.lastWord() : 0;
    const heard = this.receivedAt + this.lag(word);
    if (word === 0 || (heard - now | 0) <= 0) return at;
    return (heard - at | 0) < 0 ? heard : at;
  }
  leaving() {
    const bearer = this.modem.bearer;
    return this.commandWanted || this.doubt !== 0 /* None */ || this.link.state !== 5 /* Connected */ || bearer.shutWanted || bearer.resetWanted;
  }
  /** When data mode can be left, once all is out. */
  escapeAt() {
    return this.modem.config.dtr ? this.lowSince + DTR_LOW : this.sentAt + GUARD2;
  }
  send(now) {
    const link = this.link;
    const encoder = this.modem.encoder;
    const left = encoder.left;
    if (this.doubt !== 0 /* None */ && this.state === 2 /* Silence */ && !this.suspicious())
      this.certain();
    const leaving = this.leaving();
    if (this.state === 2 /* Silence */ && !leaving)
      this.become(1 /* Data */, now);
    if (left === 0 && link.sendState === 4 /* InFlight */) {
      const n = link.sourceLeft;
      link.sent += n;
      link.accepted += n;
      link.sourceLeft = 0;
      link.source = null;
      link.sendState = 1 /* Done */;
      this.modem.connections.news |= 1;
    }
    if (this.state === 1 /* Data */) {
      if (leaving) {
        this.become(2 /* Silence */, now);
        this.drain(now);
      } else if (link.sendState === 3 /* Wanted */) {
        link.sendState = 4 /* InFlight */;
        encoder.payload(
          link.source,
          link.sourceAt,
          link.sourceLeft
        );
      }
      return;
    }
    if (!this.drained(now)) return;
    if ((now - this.escapeAt() | 0) < 0) return;
    this.become(3 /* Escaping */, now);
    if (this.modem.config.dtr) this.modem.dtr = false;
    else {
      encoder.fill(PLUS5, 3);
      this.drain(now);
    }
  }
  /**
   * Sends no more for the present; what the UART has taken counts as sent.
   * @returns whether data were being sent
   */
  halt() {
    const link = this.link;
    const encoder = this.modem.encoder;
    if (link.sendState !== 4 /* InFlight */) return false;
    if (encoder.source !== link.source) return false;
    const n = link.sourceLeft - encoder.left;
    link.sent += n;
    link.accepted += n;
    link.sourceAt += n;
    link.sourceLeft -= n;
    encoder.left = 0;
    link.sendState = 3 /* Wanted */;
    return true;
  }
  drain(now) {
    this.modem.encoder.drain = true;
    this.left = this.modem.encoder.left;
    this.sentAt = now;
  }
  /** Whether all is on the wire: since `sentAt`. */
  drained(now) {
    const encoder = this.modem.encoder;
    const left = encoder.drain ? encoder.left : OUT;
    if (left !== this.left) {
      this.left = left;
      this.sentAt = now;
    } else if (left !== OUT && (now - this.sentAt | 0) >= UART_GRACE2) {
      this.sentAt = now;
      this.stay(now);
    }
    return left === OUT;
  }
  /** Data mode could not be left: command mode is not wanted any more. */
  stay(now) {
    if (this.suspicious()) {
      this.over(4 /* Command */, now);
      return;
    }
    this.certain();
    this.failure = 30 /* NotEscaped */;
    this.commandWanted = false;
    let state = 1 /* Data */;
    if (!this.modem.dcd) state = 5 /* Ending */;
    else if (this.state === 3 /* Escaping */ && this.left !== OUT)
      state = 3 /* Escaping */;
    this.become(state, now);
  }
  /** Waits for the OK that the modem says when it has left data mode. */
  escaping(now) {
    const modem = this.modem;
    const ring = modem.ring;
    const quiet = (now - this.receivedAt | 0) >= QUIET3;
    const dtr = modem.config.dtr;
    this.deliver(ring.used - this.tail());
    if (!this.drained(now)) return;
    const guard = dtr ? 0 : GUARD2;
    const waited = now - (dtr ? this.since : this.sentAt) | 0;
    if (!quiet || waited < guard) return;
    const at = find2(ring, OK3);
    const next = at + OK3.length;
    if (at >= 0 && (next === ring.used || ring.buf[ring.tail + next & ring.size - 1] === CR6)) {
      this.escaped(at, now);
      return;
    }
    const over = !modem.dcd && this.lastLine() >= 0;
    if (waited < (over ? guard + OVER_TIMEOUT : ESCAPE_TIMEOUT)) return;
    this.lower(now);
    if (over || this.suspicious() || this.tries > 0) this.unanswered(now);
    else {
      this.tries++;
      this.become(2 /* Silence */, now);
      this.drain(now);
    }
  }
  /** OK stands at `at`: the modem takes commands. */
  escaped(at, now) {
    const modem = this.modem;
    const ring = modem.ring;
    const last = this.lastLine();
    const other = last >= 0 && this.successor(last);
    if (!this.deliver(other ? last : at)) return;
    if (other) {
      modem.connections.refuse(this.link, 26 /* ClosedByPeer */);
      this.deliver(at - last);
    }
    ring.tail = ring.tail + OK3.length & ring.size - 1;
    ring.used -= OK3.length;
    this.lower(now);
    this.certain();
    modem.digest.reset();
    if (modem.config.printedData && this.link.state === 5 /* Connected */)
      modem.digest.expectPlain(this.link.rx);
    this.become(4 /* Command */, now);
    this.work = true;
  }
  /**
   * Data mode was left by the rules, and no OK has come: what there is answers to
   * commands. A connection that is there all the same ends, for nobody knows
   * whether data, or OK, were lost.
   */
  unanswered(now) {
    const modem = this.modem;
    const link = this.link;
    const last = modem.dcd ? -1 : this.lastLine();
    if (last >= 0 && !this.deliver(last)) return;
    this.unproven = true;
    if (last >= 0) link.suspect = true;
    else if (modem.ring.used > 0) link.held = true;
    if (!this.suspicious() && last < 0) {
      this.failure = 30 /* NotEscaped */;
      modem.connections.refuse(link, 30 /* NotEscaped */);
    }
    this.over(4 /* Command */, now);
  }
  /** Where the line stands that says that the connection is over, -1: nowhere. */
  lastLine() {
    const ring = this.modem.ring;
    const closed = find2(ring, CLOSED2);
    const deact = find2(ring, DEACT);
    return deact > closed ? deact : closed;
  }
  /** Whether behind that line the next peer of the server has come in. */
  successor(last) {
    return this.serves() && find2(this.modem.ring, CONNECT) > last;
  }
  /** @returns whether the next peer is there: then data mode is his */
  succeeded(now) {
    const last = this.lastLine();
    if (last < 0 || !this.successor(last)) return false;
    if (this.deliver(last)) this.over(0 /* Off */, now);
    return true;
  }
  /**
   * DCD is off: takes the data that are still here. If the modem says behind them
   * that the connection is over, it takes commands; but the peer may say so as
   * well, and DCD have a glitch: a command would be data for the peer then. So
   * data mode is left by the rules whatever is heard.
   */
  ending(now) {
    const modem = this.modem;
    const ring = modem.ring;
    if (this.succeeded(now)) return;
    const last = this.lastLine();
    const waited = now - this.since | 0;
    if (modem.dcd && (last < 0 || !this.serves() || waited >= LAST_WORD)) {
      this.glitched = true;
      this.become(1 /* Data */, now);
      this.restarted(now);
      return;
    }
    if (last >= 0) {
      if ((now - this.receivedAt | 0) < SILENCE2) return;
      if (this.deliver(last)) this.doubts(1 /* Carrier */, now);
      return;
    }
    this.deliver(ring.used - this.tail());
    const sure = this.leaving() || find2(ring, READY) >= 0;
    if (waited < (sure ? LAST_WORD : GLITCH)) return;
    this.doubts(1 /* Carrier */, now);
  }
  /**
   * A modem that has restarted, with DCD on whatever happens (AT&C0), looks
   * like one whose DCD had a glitch, until it says RDY; so may a peer.
   */
  restarted(now) {
    if (this.doubt !== 0 /* None */ || this.state !== 1 /* Data */) return;
    if ((now - this.since | 0) > GLITCH) this.glitched = false;
    else if (find2(this.modem.ring, READY) >= 0) this.doubts(2 /* Mode */, now);
  }
  /** Data mode is left, which costs a peer nothing if it is on. */
  doubts(doubt, now) {
    this.doubt = doubt;
    this.halt();
    this.become(2 /* Silence */, now);
    this.drain(now);
  }
  certain() {
    this.doubt = 0 /* None */;
    this.tries = 0;
  }
  /** Nothing has shown yet that it is on. */
  suspicious() {
    return this.doubt === 2 /* Mode */ || this.doubt === 1 /* Carrier */ && !this.modem.dcd;
  }
  /** How many bytes at the end of the ring may not be data, DCD being off. */
  tail() {
    const ring = this.modem.ring;
    const at = find2(ring, READY);
    const n = at < 0 ? 0 : ring.used - at;
    return n > TAIL ? n : TAIL;
  }
  /** Data mode is over, with or without its connection. */
  over(state, now) {
    const modem = this.modem;
    this.halt();
    this.certain();
    modem.encoder.drop();
    modem.digest.reset();
    this.become(state, now);
    if (state === 4 /* Command */) modem.bearer.resynchronise(now);
  }
  /**
   * How many bytes at the end of the ring are, or begin, what the modem says
   * when a connection ends.
   */
  lastWord() {
    const ring = this.modem.ring;
    const buf = ring.buf;
    const mask = ring.size - 1;
    const end = ring.tail + ring.used;
    let n = ring.used < DEACT.length ? ring.used : DEACT.length;
    for (; n > 0; n--) {
      if (buf[end - n & mask] !== CR6) continue;
      const at = ring.used - n;
      if (n <= CLOSED2.length && matches(ring, at, CLOSED2, n)) return n;
      if (this.glitched && n <= READY.length) {
        if (matches(ring, at, READY, n)) return n;
      }
      if (matches(ring, at, DEACT, n)) return n;
    }
    return 0;
  }
  /** How long so much of it may be a coincidence, ms. */
  lag(word) {
    return word < CLOSED2.length ? PIECE_LAG : DCD_LAG;
  }
  /**
   * Moves data to their reader.
   * @returns whether all of them have gone
   */
  deliver(count) {
    if (count <= 0) return true;
    const ring = this.modem.ring;
    const link = this.link;
    const rx = link.rx;
    const mask = ring.size - 1;
    const bearer = this.modem.bearer;
    const wanted = !bearer.shutWanted && !bearer.resetWanted && (link.state === 5 /* Connected */ || link.state === 6 /* RemoteClosing */);
    if (!wanted) {
      this.modem.digest.unwanted += count;
      ring.tail = ring.tail + count & mask;
      ring.used -= count;
      return true;
    }
    while (count > 0) {
      let n = ring.size - ring.tail;
      if (n > count) n = count;
      n = rx.put(ring.buf, ring.tail, n);
      if (n === 0) break;
      ring.tail = ring.tail + n & mask;
      ring.used -= n;
      link.received += n;
      count -= n;
    }
    if (link.readable !== rx.used) {
      link.readable = rx.used;
      this.modem.connections.news |= 1;
    }
    return count === 0;
  }
  line(line) {
    if (line === 0 /* Unknown */) this.strange = true;
    return false;
  }
  run(now) {
    this.work = false;
    this.dueAt = now + IDLE9;
    if (this.state !== 4 /* Command */) return false;
    if (this.unproven) {
      this.unproven = false;
      this.modem.connections.refuse(this.link, 30 /* NotEscaped */);
    }
    if (this.link.state !== 5 /* Connected */) {
      this.become(0 /* Off */, now);
      return false;
    }
    if (this.commandWanted) return false;
    this.strange = false;
    this.modem.channel.begin(52 /* Ato */, -1, now);
    return true;
  }
  done(_, outcome2, now) {
    if (outcome2 === 0 /* Ok */) {
      this.enter(now);
      return;
    }
    this.failure = 31 /* NotResumed */;
    this.commandWanted = true;
    if (outcome2 === 1 /* Refused */ && !this.strange) {
      if (this.changed !== null) this.changed();
      this.modem.bearer.audit(now);
      return;
    }
    this.modem.connections.refuse(this.link, 31 /* NotResumed */);
    this.receivedAt = now;
    this.doubts(2 /* Mode */, now);
  }
  down(now) {
    if (this.state !== 0 /* Off */) this.become(0 /* Off */, now);
  }
  become(state, now) {
    if (state !== 4 /* Command */) this.modem.digest.expectPlain(null);
    this.state = state;
    this.since = now;
    if (this.changed !== null) this.changed();
  }
};

// src/espruino/transparent.ts
var SWITCH_TIMEOUT = 6e4;
var NOT_ESCAPED = "the modem stays in data mode: check DTR, or that +++ is switched on (AT+CIPCCFG); if it takes no more data (CTS), try again when the peer has read them";
var NOT_RESUMED = "the modem does not return to data mode: the connection may be gone";
function number2(name, value, otherwise, min, max) {
  if (value === void 0) return otherwise;
  check(name, 0 /* Whole */, value, min, max);
  return value;
}
var ModemTransparent = class {
  constructor(modem, options) {
    const config = modem.core.config;
    if (config.multi)
      throw bad("connections", 'transparent mode needs "single"');
    if (config.reception !== 2 /* Push */)
      throw bad("receive", 'transparent mode needs "push"');
    if (!modem.port.hasDcd)
      throw bad("dcd", "transparent mode needs DCD: wire it");
    if (modem.core.bearer.phase !== 0 /* Off */)
      throw bad("transparent", "make it before start()");
    if (modem.core.data)
      throw bad("transparent", "it has been made already");
    if (options) {
      const escape = options.escape !== false;
      if (!escape && !modem.port.hasDtr)
        throw bad("escape", "without +++, DTR has to be wired");
      config.printedData = !!options.printed;
      config.transfer = [
        number2("retries", options.retries, 5, 3, 8),
        number2("wait", options.wait, 2, 1, 10),
        number2("sendSize", options.sendSize, 1024, 1, 1460),
        escape ? 1 : 0,
        options.paced ? 1 : 0,
        number2("receiveSize", options.receiveSize, 1460, 50, 1460),
        number2("receivePause", options.receivePause, 50, 20, 1e3)
      ].join(",");
    }
    this.modem = modem;
    this.mode = new DataMode(modem.core);
    this.mode.changed = () => modem.tell();
  }
  inDataMode() {
    return this.mode.active();
  }
  carrier() {
    return this.modem.port.dcd();
  }
  commandMode() {
    const mode = this.mode;
    if (!mode.active()) return Promise.resolve();
    mode.leave();
    return this.switched("leave data mode", () => !mode.active());
  }
  dataMode() {
    const mode = this.mode;
    if (mode.state === 0 /* Off */)
      throw failed(31 /* NotResumed */, "enter data mode", "", NOT_RESUMED);
    mode.resume();
    return this.switched("enter data mode", () => mode.active());
  }
  switched(what, done) {
    const mode = this.mode;
    return this.modem.until(
      () => done() || mode.failure !== 0 /* None */,
      SWITCH_TIMEOUT
    ).then((over) => {
      const failure = over ? mode.failure : 50 /* Timeout */;
      if (!over) mode.resume();
      if (failure === 0 /* None */) return;
      let sentence2 = "";
      if (failure === 30 /* NotEscaped */) sentence2 = NOT_ESCAPED;
      else if (failure === 31 /* NotResumed */) sentence2 = NOT_RESUMED;
      throw failed(failure, what, "", sentence2);
    });
  }
};
Sim800.prototype.transparent = function(options) {
  return new ModemTransparent(this, options);
};

// src/espruino/connect.ts
function connect(serial, options) {
  return new Sim800(serial, options);
}
exports.connect = connect;
