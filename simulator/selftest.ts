/** `npm run selftest`: the self-test of src/selftest.ts, for a person to watch. */
import { Option } from "commander"
import {
    addAddressOptions,
    hostAndPort,
    openModem,
    type AddressFlags,
} from "../sim/adapter/address-flags"
import { Program } from "../sim/program"
import { spell } from "../sim/modem/trace"
import {
    selfTestFaultNames,
    selfTestFaults,
    type SelfTestFault,
    type SelfTestFaultName,
} from "./selftest-faults"
import {
    LINES,
    runSelfTest,
    SELF_TEST,
    type LineName,
    type OtherModem,
} from "./selftest-run"
import { build } from "./vm/firmware"

const command = new Program("npm run selftest --")
    .description(
        "Runs the self-test in the DeviceScript simulator: a model of the UART bridge in the VM, and behind it a virtual SIM800, or the modem of --modem."
    )
    .addOption(
        new Option("--fault <name>", "what is wrong")
            .choices(selfTestFaultNames)
            .conflicts("modem")
    )
    .option("--list-faults", "show what can be wrong, and which step finds it")
    .option("--tap", "print TAP version 14")
    .addOption(
        new Option(
            "--profile <name>",
            "how long the virtual modem takes for things"
        )
            .choices(["realistic", "fast"])
            .default("fast")
    )
    .option("--traffic", "show the traffic between bridge and modem, on stderr")
addAddressOptions(command)
    .option("--apn <name>", "access point of the operator", "internet")
    .option("--user <name>", "user of the access point")
    .option("--password <text>", "password of the access point")
    .option("--pin <digits>", "PIN of the SIM card")
    .option(
        "--echo <host:port>",
        "a server that the modem can reach, and that sends back what it gets; without it that step is left out",
        hostAndPort
    )
    .addOption(
        new Option(
            "--unwired <lines...>",
            "lines that the adapter has, but nobody has wired"
        ).choices(LINES)
    )

interface Options
    extends AddressFlags, Omit<OtherModem, "dte" | "name" | "unwired"> {
    readonly fault?: SelfTestFaultName
    readonly listFaults?: boolean
    readonly tap?: boolean
    readonly profile: "realistic" | "fast"
    readonly traffic?: boolean
    readonly unwired?: readonly LineName[]
}

const options = command.parse().opts<Options>()

function list(): void {
    for (const name of selfTestFaultNames) {
        const { step, summary }: SelfTestFault = selfTestFaults[name]
        console.log(`${name.padEnd(16)} ${step.padEnd(10)} ${summary}`)
    }
}

async function run(other?: OtherModem): Promise<boolean> {
    const fault: SelfTestFault | undefined =
        options.fault && selfTestFaults[options.fault]
    if (fault) console.error(`fault: ${fault.summary}`)
    return await runSelfTest(() => build(SELF_TEST), {
        fault,
        delays: options.profile,
        tap: options.tap,
        onLine: line => console.log(line),
        onTraffic: options.traffic
            ? ({ direction, bytes }) =>
                  console.error(`    ${direction} ${spell(bytes)}`)
            : undefined,
        modem: other,
    })
}

async function main(): Promise<boolean> {
    const { modem } = options
    if (modem === undefined) return await run()
    const dte = await openModem(options, line => console.error(line))
    console.error(`modem: ${modem}, ${dte.description}`)
    try {
        return await run({ ...options, dte, name: modem })
    } finally {
        dte.close()
    }
}

if (options.listFaults) list()
else
    main().then(
        passed => process.exit(passed ? 0 : 1),
        (error: unknown) => {
            console.error(error instanceof Error ? error.message : error)
            process.exit(1)
        }
    )
