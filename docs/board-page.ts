/**
 * The page of a board: complete by itself, so that somebody at a bench needs no
 * other. What the boards have in common is said once, here.
 */
import { gpioOf, pinOf, wires, type Board, type Wire } from "./boards"

const NAMES = {
    board: "",
    bridge: "bridge",
    modem: "modem",
    supply: "supply",
}

const THROUGH = {
    divider: "1 kΩ, behind it 5.6 kΩ to GND",
    diode: "Schottky diode, ring to the board",
}

function table(head: string[], rows: string[][]): string {
    return [head, head.map(() => "---"), ...rows]
        .map(row => `| ${row.join(" | ")} |`)
        .join("\n")
}

function wiring(board: Board): string {
    const end = ([part, pin]: Wire["from"]): string =>
        part === "board"
            ? `**${pin}**`
            : `${NAMES[part]} **${pin.replace("−", "–")}**`
    return table(
        [board.short, "", "to", "through", "what it is"],
        wires(board).map(wire => [
            end(wire.from),
            wire.direction,
            end(wire.to),
            wire.through ? THROUGH[wire.through] : "",
            (wire.only ? `*${wire.only}*: ` : "") + wire.note,
        ])
    )
}

function wiring740(board: Board): string {
    return table(
        [board.short, "", "modem", "through"],
        [
            [
                `**${pinOf(board, "MODEM_DTR")}**`,
                "→",
                "**DTR**",
                THROUGH.divider,
            ],
            [`**${pinOf(board, "MODEM_RI")}**`, "←", "**RI, RING**", ""],
            [
                `**${pinOf(board, "MODEM_DCD")}**`,
                "←",
                "**DCD**, if the module has it",
                "",
            ],
        ]
    )
}

/** What is particular about the pins of a board. */
function pins(board: Board): string {
    const list = (numbers: number[]): string => numbers.join(", ")
    const avoided = board.avoid
        .map(([reason, gpios]) => `${reason} (GPIO ${list(gpios)})`)
        .join(", ")
    const used = list(
        (
            [
                "SDA",
                "SCL",
                "MODEM_RESET",
                "MODEM_PWRKEY",
                "MODEM_DTR",
                "MODEM_RI",
                "MODEM_DCD",
            ] as const
        ).map(label => gpioOf(board, label))
    )
    const own: Record<string, string> = {
        pico_sim800: `On an RP2040 SDA has to be an even and SCL an odd GPIO of the same I2C
controller: GP4 and GP5 are those of I2C0. \`GP6\` is what is printed on the
board, "pin 9" is counted from the corner at the USB plug. Any GND will do. Do
not take the modem's supply from 3V3(OUT), VSYS or VBUS.`,
        esp32s3_devkit_sim800: `\`J1-4\` is the fourth pin of the header J1 of an ESP32-S3-DevKitC-1, counted from
the end of the antenna. On a DevKitM-1 the same numbers are printed, at other
places. The RGB LED is GPIO48 on a DevKitM-1 and on version 1.0 of the
DevKitC-1, GPIO38 on version 1.1: then change \`led.pin\` in
[the board file](../${board.id}.board.json). The board has two USB plugs: the
console is at the one called **USB**, not at UART. An ESP32 takes 75 % of 3.3 V
(2.48 V) for high: the 2.8 V of the modem are enough.`,
        xiao_esp32c3_sim800: `Not one pin is left over with an SC16IS740, three with the others. D0, D8 and D9
decide how the chip starts, and D6 talks while it does: leave them alone, or
know what you do. There is no LED that a program could use. An ESP32 takes 75 %
of 3.3 V (2.48 V) for high: the 2.8 V of the modem are enough. Connect the
antenna of the XIAO or not: its WiFi is not used.`,
    }
    own.pico_w_sim800 =
        own.pico_sim800 + ` WiFi, which this board has, is not used.`
    const particular = own[board.id] ? `${own[board.id]}\n\n` : ""
    return `${particular}The wiring uses GPIO ${used}; it keeps clear of ${avoided}.`
}

/** What is wrong with the firmware of a board, and what to do about it. */
function fault({ id }: Board): string {
    if (!id.startsWith("pico")) return ""
    return `
**A fault of the firmware.** If a fiber is due again by the time at which
DeviceScript's firmware sets its timer, an RP2040 can lose that alarm: the board then
stands still for ever, without a message, and only a reset or a USB host that talks to
it helps. This library takes care that nobody is due at that moment when it waits; a
program of your own should not do work in a loop with \`ds.sleep(1)\`, but keep the work
between two sleeps well below the shortest sleep (20 ms and more are safe for a few
lines).
`
}

function flashing(board: Board): string {
    if (board.id.startsWith("pico"))
        return `Hold BOOTSEL while you plug the board in; a drive called RPI-RP2 appears. Then

\`\`\`sh
npx devs flash --board ${board.id}
\`\`\`

loads DeviceScript's firmware (from GitHub, kept for a day in
\`.devicescript/cache\`), writes the pins of [the board
file](../${board.id}.board.json) into it, and copies it to the drive. The board
restarts by itself. The drive is looked for in \`/media/$USER\` on Linux (a
desktop mounts it there), in \`/Volumes\` on macOS, and with \`wmic\` on Windows,
which newer Windows no longer has. If it is not found,
\`npx devs flash --remote --board ${board.id}\` says which file to copy to the drive
by hand.`
    const boot =
        board.id === "xiao_esp32c3_sim800"
            ? "Hold B (BOOT) while you plug the board in."
            : "Hold BOOT while you plug the board in, at the plug called USB."
    return `The tool for that is Espressif's: \`pip install esptool\`. ${boot} Then

\`\`\`sh
npx devs flash --board ${board.id}
\`\`\`

loads DeviceScript's firmware (from GitHub, kept for a day in
\`.devicescript/cache\`), writes the pins of [the board
file](../${board.id}.board.json) into it, and flashes it. Press RESET, or unplug
the board, when it is through. With several serial ports, name one:
\`npx devs flash esp32 --board ${board.id} --port /dev/ttyACM0\`.`
}

/** What the self-test shows on the board's own light. */
function light({ id }: Board): string {
    if (id === "xiao_esp32c3_sim800") return ""
    if (id.startsWith("pico"))
        return " (the board's light is on meanwhile, and stays on)"
    return ", and shows on the board's light how it stands (blue: running, green: passed, red: failed)"
}

const PROBLEMS: [string, string, string][] = [
    [
        "`No DeviceScript device found`",
        "no firmware, a USB cable for charging only, or no permission",
        "flash it; another cable; Linux: `sudo usermod -aG dialout $USER`, then log in anew",
    ],
    [
        "the board falls silent as soon as the program starts",
        "SCL or SDA is held low: pull-ups missing or at GND, wires swapped. An RP2040 waits for the bus for ever",
        "3.3 V at SDA and SCL when nothing happens?",
    ],
    [
        "`no SC16IS7xx answers`",
        "address, supply or wires of the bridge; the firmware was flashed for another board, so I2C has no pins",
        "A0 and A1 at VCC? I2C/SPI at VCC? RESET at VCC? flashed with `--board` as above?",
    ],
    [
        "`a crystal of … Hz is more than 2 % off`",
        "the crystal cannot make 115200 baud",
        "what is printed on the crystal; `crystal`; `BAUD=57600`",
    ],
    [
        "`the UART bridge does not answer`, now and then",
        "bursts of the transmitter get into I2C",
        "short wires (20 cm at most), away from the antenna; 2.2 kΩ instead of 4.7 kΩ",
    ],
    [
        "`the modem does not answer`, its LED dark or off after a second",
        "supply: too weak, wires too thin, voltage below 3.4 V in a burst",
        "measure VCC at the module while it registers; the capacitor; the section on supply",
    ],
    [
        "`the modem does not answer`, its LED blinks every second",
        "TX and RX not crossed, no common ground, wrong crystal in `uart.ts`",
        "bridge TX at modem RXD? GND from end to end? what is printed on the crystal?",
    ],
    [
        "`the modem does not answer`, its LED dark all the time",
        "it does not start by itself",
        "wire PWRKEY, and add `powerKey`",
    ],
    [
        "it hears the modem, but the modem does not hear it",
        "the divider is the wrong way round (0.5 V instead of 2.8 V)",
        "measure at the modem's RXD when nothing happens: 2.8 V",
    ],
    [
        "nothing works, with `flowControl: true`",
        "RTS or CTS not wired, or crossed",
        "RTS to RTS, CTS to CTS; or `flowControl: false`",
    ],
    [
        "`bytes were lost between modem and microcontroller`",
        "three wires, and something kept the program from running",
        "wire RTS and CTS; `BAUD=57600`; no long loops without `await`",
    ],
    [
        "`the modem has restarted`",
        "the voltage breaks down when it transmits",
        "supply, capacitor, thick wires",
    ],
    [
        "the modem is dead after the first try",
        "5 V at VCC, or 3.3 V without divider",
        "set the supply before you connect it: 4.0 V",
    ],
    [
        "the modem's LED glimmers with its supply off",
        "it is fed through RXD by the bridge",
        "switch the modem's supply on first, or both at once",
    ],
    [
        "`no SIM card`",
        "it is the wrong way round, or not in its holder",
        "the cut corner as printed on the holder",
    ],
    [
        "`no network lets the modem in`",
        "no antenna, or 2G has been switched off where you are",
        "antenna in its socket; ask the operator for GSM 900/1800 (850/1900)",
    ],
    [
        "`the access point was refused`, `the PDP context was refused`",
        "wrong APN",
        "`APN=` in `.env.local`",
    ],
    [
        "it works on the bench and not in the box",
        "the antenna is next to the electronics, or in metal",
        "10 cm between antenna and bridge; antenna outside of metal",
    ],
]

export function boardPage(board: Board): string {
    const { id, name } = board
    return `<!-- Made by \`npm run docs\` from docs/board-page.ts and docs/boards.ts. -->

# ${name} and SIM800

A SIM800 modem at a ${name}, over an SC16IS750, a UART bridge on I2C:
DeviceScript has no UART of its own. Not run on hardware yet. What has been
run: the program with this wiring, in DeviceScript's VM, on a model of the bridge
with the virtual SIM800 behind it; \`devs flash\` and \`devs bundle\`, with a stand-in
for the firmware image.

![Wiring; the table below says the same](wiring.svg)

## Parts

| | |
| --- | --- |
| ${name} | |
| SC16IS750 module | 3.3 V, with I2C; 14.7456 MHz crystal (others: below) |
| SIM800 module | one that leads out RTS and CTS, as most with a SIM800C do; the small SIM800L board with 2 × 6 pins has neither (nor DCD and PWRKEY, and it starts by itself): see "Three wires" below; with **antenna**, and a SIM card whose PIN is off or known |
| supply for the modem | 3.8–4.2 V, good for 2 A: a lithium cell, or a 5 V supply for 2 A or more and a step-down converter |
| resistors | 2 × 4.7 kΩ; for each line with a divider 1 kΩ and 5.6 kΩ |
| capacitors at the modem | 1000 µF, 6.3 V or more, low ESR; 100 nF, ceramic |
| Schottky diode | BAT85 or the like, if you wire PWRKEY |

## Wires

The arrow says who speaks. TX and RX are named from the side of their own chip, so
they are crossed. All other lines of the modem are named from the side of the
microcontroller, so they are not.

${wiring(board)}

At the bridge itself, by jumpers or wires: A0 and A1 to VCC (address 0x48), I2C/SPI
to VCC (I2C), RESET to VCC. IRQ stays open.

At the least: supply, ground, SDA, SCL, TX, RX. Then leave \`dtr\`, \`ri\` and \`reset\`
out of [uart.ts](uart.ts): without DTR the modem cannot be let sleep, without RI
nobody hears of calls in data mode, and without RST a modem that hangs stays so.

## Three wires

![Wiring without RTS and CTS](three-wires.svg)

A module that does not lead out RTS and CTS is wired without them, and
\`flowControl\` in [uart.ts](uart.ts) is \`false\`. The driver then asks for no more
than it can fetch in time, which is about half of what the line carries, never stops
looking at the bridge, and cannot use \`receive: "push"\`. What the modem says of its
own accord may be lost while the program is busy for more than 4 ms at 115200 baud.

## Else

At the modem these stay open: MIC, SPK, NET (a place for an antenna), VDD (an
output), everything else that the table does not name.

${pins(board)}

## Levels

| line | gives | takes as high | so |
| --- | --- | --- | --- |
| bridge → modem: TX, DTR, RTS | 3.3 V | 2.8 V logic; not made for more than about 3 V | divider: 3.3 V × 5.6 / (1 + 5.6) = 2.8 V |
| modem → bridge: TXD, RI, CTS, DCD | 2.8 V | 2.0 V and more, at 3.3 V supply | directly |
| board → modem: RST | open, or low | 2.8 V, through a resistor in the module | directly |
| board → modem: PWRKEY | open, or low | up to the supply, through a resistor in the module; low is below 0.7 V | diode: the board does not see more than 3.3 V |

The divider is SIMCom's own advice for 3.3 V (SIM800 series hardware design, chapter
on the serial port, which has the levels too; RST and PWRKEY: chapter on power). The
2.0 V are from NXP's data sheet (static characteristics). A level shifter does as well
as the dividers.

Modules with level shifters of their own (larger ones, often with a pin called VMCU or
VDD for them) want no divider: give that pin 3.3 V. If in doubt measure at TXD when
nothing happens: 2.8 V is the modem itself, without shifters.

## Supply

While it transmits, the modem takes up to 2 A for 577 µs, 217 times a second. At its
pins the voltage must stay between 3.4 V and 4.4 V all the time. So:

- A lithium cell (3.7 V) can be connected directly. A step-down converter is set to
  4.0 V with a meter **before** the modem is connected. 5 V destroy it, except where a
  module has a regulator: those say 5 V at their VIN pin.
- Nothing of the board can feed it: not 3.3 V (too low), not the 5 V of USB (too high,
  and 0.5 A).
- 1000 µF alone would fall by 1.2 V in one burst (2 A × 577 µs / 1000 µF): the supply has
  to give the current, the capacitor bridges the time until it does. Both capacitors are
  right at the module's pins.
- Wires of 0.5 mm² (AWG 20) or more, at most 10 cm; no breadboard in this path: two
  contacts of 50 mΩ each are 0.2 V.
- One ground for board, bridge, modem and supply. The supply's minus goes to the module
  first, and from there to the board, so that no burst runs through the ground of I2C.
- The modem is supplied before the bridge or together with it.

## Crystal, address, pull-ups

| printed on the crystal | \`crystal\` in [uart.ts](uart.ts) | rates |
| --- | --- | --- |
| 14.7456, 14.745 | 14745600 | all, exactly |
| 1.8432 | 1843200 | to 115200, exactly |
| 12.000 | 12000000 | **not 115200** (8 % off); 57600 (0.2 % off) and below: set \`BAUD=57600\` |

Addresses by A1 and A0, each at VCC or GND:

| A1 | A0 | \`address\` |
| --- | --- | --- |
| VCC | VCC | 0x48 |
| VCC | GND | 0x49 |
| GND | VCC | 0x4c |
| GND | GND | 0x4d |

SDA and SCL need pull-ups of 4.7 kΩ or less to 3.3 V for 400 kHz; those in the board are
too weak. Many modules have them: 4.7 kΩ or 10 kΩ from VCC to SDA and SCL, to be measured
without supply. With 10 kΩ add 4.7 kΩ. I2C wires: at most 20 cm. UART wires: at most 30 cm.

## Other wirings

All of it is said in [uart.ts](uart.ts).

- **DCD** led out: wire it, and add \`dcd: "bridge"\`. Transparent mode needs it.
- **PWRKEY**, for modules that do not start by themselves: add
  \`powerKey: pins.MODEM_PWRKEY\`. The driver presses it when the modem does not answer.
  Without RST it resets the modem by it as well, which takes 34 s.
- **RST or PWRKEY behind a transistor** (NPN): add \`transistors: true\`.
- **SC16IS752, 762**: the wires go to channel A (TXA, RXA, RTSA, CTSA, GPIO5 … 7). For
  channel B add \`channel: "B"\`; DTR, CD and RI are GPIO1, 2 and 3 then.
- **SC16IS740**, which has no such pins: add \`dtr: pins.MODEM_DTR\` and
  \`ri: pins.MODEM_RI\`, and wire

${wiring740(board)}

## Program

Needed: Node.js 20.19 or newer, git, an internet connection.

\`\`\`sh
git clone <this repository> && cd devicescript-sim800
npm ci
\`\`\`

**1. Settings**, in a file \`.env.local\` of your own; the names, and what they are without
it, are in [.env.defaults](../../.env.defaults). At least:

\`\`\`
APN=internet
\`\`\`

No blanks around \`=\`, and no \`#\` in such a line.

**2. Firmware**, once.

${flashing(board)}

**3. The self-test**, which proves the wiring step by step, says what to check where a step
fails${light(board)}:

\`\`\`sh
npx devs-optimized devtools --serial boards/${id}/selftest.ts
\`\`\`

Each step is a line: PASS, FAIL or SKIP, number, name, what was seen. The last line is
\`PASSED: …\` or \`FAILED at …\`. In the simulator the same is \`npm run selftest\`. For the
step that sends 8 kB there and back it needs a server that sends back what it gets:
\`ECHO_HOST\` and \`ECHO_PORT\` in \`.env.local\`. Stop it with Ctrl-C.

**4. The program.** This compiles [main.ts](main.ts), sends it to the board together with
the settings, starts it, and shows what it prints; when the file changes, it does so again:

\`\`\`sh
npx devs-optimized devtools --serial boards/${id}/main.ts
\`\`\`

The board is a serial port: \`/dev/ttyACM0\` on Linux (the user has to be in the group
\`dialout\`), \`/dev/cu.usbmodem…\` on macOS, \`COM…\` on Windows (10 and newer need no driver).
Nothing else may have it open. If the board was plugged in later than the command was
started, start it again.

To compile without a board: \`npx devs-optimized build boards/${id}/main.ts\`.
${fault(board)}
**5. What you should see**, with the board's own four letters in front, within a minute:

\`\`\`
XY12> sim800: synchronising
XY12> sim800: configuring
XY12> sim800: waiting for the SIM card
XY12> sim800: registering
XY12> sim800: attaching
XY12> sim800: activating, IP START
XY12> sim800: activating, IP CONFIG
XY12> sim800: ready, IP STATUS
XY12> address 10.78.245.128, signal -73 dBm
XY12> sim800: ready, IP PROCESSING
XY12> answer: HTTP/1.1 …
XY12> the server has closed the connection, all is well
\`\`\`

example.com, the server in \`.env.defaults\`, takes no readings, and says so: any answer
proves that the way is open. \`npm start\` shows the same in the simulator, without a
board.

**One image for many boards.** \`npx devs-optimized bundle --board ${id} boards/${id}/main.ts\` makes a
file of firmware, program and settings: \`.devicescript/bin/bundle-…\`. ${
        id.startsWith("pico")
            ? "Copy it to the drive RPI-RP2."
            : `\`esptool.py write_flash 0x0 FILE\` writes it.`
    }

## What goes wrong if

${table(["what you see", "why", "what to check"], PROBLEMS)}
`
}
