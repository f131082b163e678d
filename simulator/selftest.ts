/** `npm run selftest`: the self-test of src/selftest.ts, for a person to watch. */
import { Command, Option } from "commander"
import { spell } from "../sim/modem/trace"
import {
    selfTestFaultNames,
    selfTestFaults,
    type SelfTestFault,
    type SelfTestFaultName,
} from "./selftest-faults"
import { runSelfTest, SELF_TEST } from "./selftest-run"
import { build } from "./vm/firmware"

const command = new Command("npm run selftest --")
    .description(
        "Runs the self-test in the DeviceScript simulator: a model of the UART bridge in the VM, and a virtual SIM800 behind it."
    )
    .addOption(
        new Option("--fault <name>", "what is wrong").choices(
            selfTestFaultNames
        )
    )
    .option("--list-faults", "show what can be wrong, and which step finds it")
    .option("--tap", "print TAP version 14")
    .addOption(
        new Option("--profile <name>", "how long the modem takes for things")
            .choices(["realistic", "fast"])
            .default("fast")
    )
    .option("--traffic", "show the traffic between bridge and modem, on stderr")

const options = command.parse().opts<{
    fault?: SelfTestFaultName
    listFaults?: boolean
    tap?: boolean
    profile: "realistic" | "fast"
    traffic?: boolean
}>()

function list(): void {
    for (const name of selfTestFaultNames) {
        const { step, summary }: SelfTestFault = selfTestFaults[name]
        console.log(`${name.padEnd(16)} ${step.padEnd(10)} ${summary}`)
    }
}

async function main(): Promise<number> {
    const fault: SelfTestFault | undefined =
        options.fault && selfTestFaults[options.fault]
    if (fault) console.error(`fault: ${fault.summary}`)
    const passed = await runSelfTest(() => build(SELF_TEST), {
        fault,
        delays: options.profile,
        tap: options.tap,
        onLine: line => console.log(line),
        onTraffic: options.traffic
            ? ({ direction, bytes }) =>
                  console.error(`    ${direction} ${spell(bytes)}`)
            : undefined,
    })
    return passed ? 0 : 1
}

if (options.listFaults) list()
else
    main().then(
        code => process.exit(code),
        (error: unknown) => {
            console.error(error instanceof Error ? error.message : error)
            process.exit(1)
        }
    )
