/** Cells, bands and networks around the module: [ATM12] 3.2.40, 3.2.41, 6.2.17, 6.2.21, 6.2.35, 6.2.65, 6.2.66, 6.2.68, 6.2.79. */
import {
    allowedIf,
    says,
    saysOk,
    setting,
    takes,
    type Command,
} from "../command"
import { CommandError } from "../errors"
import type { Firmware } from "../firmware"
import { operatorsOf } from "../operators"
import { integer, oneOf, optional, text } from "../parameters"
import { choice, maybe, range, words, type SettingData } from "../setting"

const NO_NETWORK = 30
const TOO_FEW = 791

/** AT+CENG: mode, and whether neighbours show their cell. */
const engineering: SettingData = {
    name: "+CENG",
    values: [range(0, 4, 0), maybe(choice([0, 1]))],
    saved: "no",
}

/** From one report of AT+CENG=2 to the next, ms. */
const REPORT_INTERVAL = 5000

const padded = (value: number, digits: number): string =>
    String(value).padStart(digits, "0")

/** `<rxl>` is twice the `<rssi>` of AT+CSQ ([ATM12] 6.2.21). */
function receiveLevel({ hardware }: Firmware, weaker = 0): number {
    const { rssi } = hardware.signal
    const UNKNOWN = 99
    return rssi === UNKNOWN ? 0 : Math.max(0, 2 * rssi - weaker)
}

interface SeenCell {
    readonly arfcn: number
    readonly level: number
    readonly bsic: number
    readonly cell: string
    readonly mcc: string
    readonly mnc: string
    readonly area: string
}

/** The serving cell first. */
function cellsOf(dce: Firmware): SeenCell[] {
    const { cell, locationArea, channel, colour, neighbours } =
        dce.hardware.options.operator
    const { numericName } = dce.operator
    const network = {
        mcc: numericName.slice(0, 3),
        mnc: numericName.slice(3),
    }
    const serving: SeenCell = {
        ...network,
        arfcn: channel,
        level: receiveLevel(dce),
        bsic: colour,
        cell: cell.toLowerCase(),
        area: locationArea.toLowerCase(),
    }
    return [
        serving,
        ...neighbours.map(neighbour => ({
            ...network,
            arfcn: neighbour.channel,
            level: receiveLevel(dce, neighbour.weaker),
            bsic: neighbour.colour,
            cell: neighbour.cell.toLowerCase(),
            area: (neighbour.locationArea ?? locationArea).toLowerCase(),
        })),
    ]
}

/** Least level for access, most power, timing advance: nothing here depends on them. */
const ACCESS = "08,05"
const NO_ADVANCE = 255

function servingLine(dce: Firmware, mode: number): string {
    const [cell] = cellsOf(dce)
    const { errorRate } = dce.hardware.signal
    const { arfcn, level, bsic, mcc, mnc, area } = cell
    if (mode === LIMITED) return limitedLine(0, cell)
    const values = [
        padded(arfcn, 4),
        padded(level, 2),
        padded(errorRate, 2),
        mcc,
        mnc,
        padded(bsic, 2),
        cell.cell,
        ACCESS,
        area,
        NO_ADVANCE,
    ]
    // C1 and C2 of the cell; a channel of one's own there is only during calls
    if (mode === EXTENDED)
        values.push(level - 113, level + 121, level + 561, "x,x,x,x,x,x")
    return `+CENG: 0,"${values.join(",")}"`
}

const REPORTING = 2
const LIMITED = 3
const EXTENDED = 4

function limitedLine(
    index: number,
    { mcc, mnc, area, cell, bsic, level }: SeenCell
): string {
    return `+CENG: ${index},"${mcc},${mnc},${area},${cell},${padded(bsic, 2)},${padded(level, 2)}"`
}

function neighbourLine(
    index: number,
    seen: SeenCell,
    mode: number,
    showsCell: boolean
): string {
    if (mode === LIMITED) return limitedLine(index, seen)
    const { arfcn, level, bsic, cell, mcc, mnc, area } = seen
    const values = [
        padded(arfcn, 4),
        padded(level, 2),
        padded(bsic, 2),
        ...(showsCell ? [cell] : []),
        mcc,
        mnc,
        area,
        ...(mode === EXTENDED ? [level + 56, level + 496] : []),
    ]
    return `+CENG: ${index},"${values.join(",")}"`
}

/** The lines of AT+CENG? and of the reports of mode 2. */
function cellLines(dce: Firmware): string[] {
    const [mode, neighbours] = dce.settings.valuesOf(engineering)
    const [, ...others] = cellsOf(dce)
    return [
        servingLine(dce, Number(mode)),
        ...others.map((cell, i) =>
            neighbourLine(i + 1, cell, Number(mode), neighbours === 1)
        ),
    ]
}

function report(dce: Firmware): void {
    if (!dce.registration.isInNetwork) return
    const [first, ...more] = cellLines(dce)
    dce.output.notice(first, ...more)
}

/** AT+CBAND ([ATM12] 20.3), of a module with four bands. */
const bands: SettingData = {
    name: "+CBAND",
    values: [
        words(
            [
                "EGSM_MODE",
                "DCS_MODE",
                "GSM850_MODE",
                "PCS_MODE",
                "EGSM_DCS_MODE",
                "GSM850_PCS_MODE",
                "EGSM_PCS_MODE",
                "ALL_BAND",
            ],
            "ALL_BAND"
        ),
    ],
    saved: "by itself",
}

/** AT+CNETSCAN=1: area and colour too. */
const scanFormat: SettingData = {
    name: "+CNETSCAN",
    values: [choice([0, 1])],
    saved: "no",
}

function scanLines(dce: Firmware): string[] {
    const { longName } = dce.operator
    const [format] = dce.settings.valuesOf(scanFormat)
    return cellsOf(dce).map(({ mcc, mnc, level, cell, arfcn, area, bsic }) => {
        const more = format === 1 ? `,Lac:${area},Bsic:${padded(bsic, 2)}` : ""
        return `Operator:"${longName}",MCC:${mcc},MNC:${mnc},Rxlev:${level},Cellid:${cell},Arfcn:${arfcn}${more}`
    })
}

/** AT+CELLIST: the module looks around by itself. */
const survey: SettingData = {
    name: "+CELLIST",
    values: [choice([0, 1]), maybe(range(10, 7200, 30))],
    saved: "no",
}

/** Classes of time slots, AT+CGMSCLASS and AT+CEGPRS. */
const slotClasses = [2, 4, 8, 9, 10, 12]

/** Places of the card's list of operators. */
const PREFERRED = 20

/** AT*CELLLOCK ([ATM12] 6.2.46): which carriers alone may be used; there are no others here. */
const lockedCells: SettingData = {
    name: "*CELLLOCK",
    values: [
        choice([0, 1]),
        maybe(range(1, 3, 1)),
        maybe(range(0, 1023, 0)),
        maybe(range(0, 1023, 0)),
        maybe(range(0, 1023, 0)),
    ],
    saved: "by itself",
}

const CARRIERS = "(0-124,128-251,512-885,975-1023)"

function isCarrier(arfcn: number): boolean {
    return (
        arfcn <= 124 ||
        (arfcn >= 128 && arfcn <= 251) ||
        (arfcn >= 512 && arfcn <= 885) ||
        arfcn >= 975
    )
}

const cellLock: Command = setting(lockedCells, {
    test: `*CELLLOCK: (0,1),(1-3),${CARRIERS}`,
    check: (_dce, [, , ...carriers]) =>
        allowedIf(carriers.every(arfcn => isCarrier(Number(arfcn)))),
    read: ([mode, amount, ...carriers]) =>
        mode === 0
            ? "*CELLLOCK: 0"
            : `*CELLLOCK: 1,${[amount, ...carriers.slice(0, Number(amount))].join(",")}`,
})

const edgeSetting = setting({
    name: "+CEGPRS",
    values: [choice([0, 1]), maybe(choice(slotClasses, 12))],
    saved: "by itself",
})

/** AT+CEGPRS ([ATM12] 6.2.68): to be switched on, it needs its class. */
const edge: Command = {
    ...edgeSetting,
    write: (run, values) => {
        if (values.trim() === "1") throw new CommandError(TOO_FEW)
        edgeSetting.write?.(run, values)
    },
}

export const cellCommands: readonly Command[] = [
    cellLock,
    {
        ...setting(engineering, {
            changed: (dce, [mode]) =>
                dce.timers.every(
                    "cells",
                    mode === REPORTING ? REPORT_INTERVAL : undefined,
                    () => report(dce)
                ),
        }),
        acts: true,
        read: run => {
            const { dce } = run
            const [mode, neighbours] = dce.settings.valuesOf(engineering)
            run.information(`+CENG: ${mode},${neighbours}`)
            const shows = mode !== 0 && dce.registration.isInNetwork
            if (shows) run.information(...cellLines(dce))
            run.ok()
        },
    },
    setting(bands, {
        test: "+CBAND: (EGSM_MODE,DCS_MODE,GSM850_MODE,PCS_MODE,EGSM_DCS_MODE,GSM850_PCS_MODE,EGSM_PCS_MODE,ALL_BAND)",
        read: ([band]) =>
            band === "ALL_BAND"
                ? "+CBAND: EGSM_DCS_MODE,ALL_BAND"
                : `+CBAND: ${band}`,
    }),
    {
        ...setting(scanFormat),
        acts: true,
        execute: run => {
            const { dce } = run
            if (dce.functionality !== 1) throw new CommandError(NO_NETWORK)
            dce.clock.after(dce.options.delays.operatorSearch, () => {
                run.information(...scanLines(dce))
                run.ok()
            })
        },
    },
    {
        ...setting(survey),
        acts: true,
        execute: run => {
            const { dce } = run
            allowedIf(dce.settings.valuesOf(survey)[0] === 1)
            run.information(
                ...cellsOf(dce).map(
                    ({ mcc, mnc, arfcn, level, cell, area, bsic }) =>
                        `+CELLIST: ${mcc},${mnc},${arfcn},${level},${cell},${area},${bsic}`
                )
            )
            run.ok()
        },
    },
    {
        name: "+CROAMING",
        execute: says(({ registration }) => {
            const HOME = 0
            const ABROAD = 1
            const ROAMING = 5
            const state = registration.status === ROAMING ? ABROAD : HOME
            return `+CROAMING: ${state}`
        }),
    },
    setting(
        {
            name: "+CGMSCLASS",
            values: [choice(slotClasses, 12)],
            saved: "by itself",
        },
        {
            test: `MULTISLOT CLASS: (${slotClasses.join(",")})`,
            read: ([number]) => `MULTISLOT CLASS: ${number}`,
        }
    ),
    edge,
    {
        name: "+COPN",
        test: saysOk,
        execute: says(({ hardware }) => {
            return operatorsOf(hardware.options.operator).map(
                ({ numericName, longName }) =>
                    `+COPN: "${numericName}","${longName}"`
            )
        }),
    },
    {
        // [ATM12] 3.2.40: the list on the card
        name: "+CPOL",
        delay: "simCard",
        test: says(() => `+CPOL: (1-${PREFERRED}),(0-2)`),
        read: run => {
            const { preferredOperators } = run.dce.hardware.card
            const lines = [...preferredOperators]
                .sort(([one], [other]) => one - other)
                .map(
                    ([index, { format, name }]) =>
                        `+CPOL: ${index},${format},"${name}"`
                )
            run.information(...lines)
            run.ok()
        },
        write: takes(
            [
                integer(1, PREFERRED),
                optional(oneOf(0, 1, 2)),
                optional(text(24)),
            ],
            (run, index, format, name) => {
                const { preferredOperators } = run.dce.hardware.card
                if (format === undefined || name === undefined)
                    preferredOperators.delete(index)
                else preferredOperators.set(index, { format, name })
                run.ok()
            }
        ),
    },
]
