import type { Command } from "../command"
import { alarmCommands } from "./alarms"
import { applicationCommands } from "./applications"
import { audioCommands } from "./audio"
import { callServiceCommands } from "./call-services"
import { callExtraCommands } from "./call-extras"
import { callCommands } from "./calls"
import { cellCommands } from "./cells"
import { facilityCommands } from "./facilities"
import { fileCommands } from "./files"
import { generalCommands } from "./general"
import { ftpCommands } from "./ftp"
import { hardwareCommands } from "./hardware"
import { httpCommands } from "./http"
import { messageSendingCommands } from "./message-sending"
import { gprsCommands } from "./gprs"
import { messageCommands } from "./messages"
import { moduleCommands } from "./module"
import { networkCommands } from "./network"
import { phoneBookCommands } from "./phone-book"
import { pingCommands } from "./ping"
import { powerCommands } from "./power"
import { profileCommands } from "./profile"
import { serialCommands } from "./serial"
import { simCommands } from "./sim"
import { configurationCommand } from "./configuration"
import { leftOutCommands } from "./left-out"
import { simToolkitCommands } from "./sim-toolkit"
import { connectionCommands } from "./tcpip-connection"
import { receiveCommands } from "./tcpip-receive"
import { sendCommands } from "./tcpip-send"
import { setupCommands } from "./tcpip-setup"
import { tlsCommands } from "./tcpip-tls"
import { timeAndPlaceCommands } from "./time-and-place"

const known: readonly Command[] = [
    ...profileCommands,
    ...generalCommands,
    ...serialCommands,
    ...moduleCommands,
    ...simCommands,
    ...networkCommands,
    ...gprsCommands,
    ...callCommands,
    ...callServiceCommands,
    ...callExtraCommands,
    ...facilityCommands,
    ...cellCommands,
    ...audioCommands,
    ...hardwareCommands,
    ...powerCommands,
    ...phoneBookCommands,
    ...messageCommands,
    ...messageSendingCommands,
    ...applicationCommands,
    ...httpCommands,
    ...ftpCommands,
    ...timeAndPlaceCommands,
    ...pingCommands,
    ...setupCommands,
    ...connectionCommands,
    ...tlsCommands,
    ...fileCommands,
    ...sendCommands,
    ...receiveCommands,
    ...alarmCommands,
    ...simToolkitCommands,
    ...leftOutCommands,
]

/** Every command that the module knows; the rest is ERROR. */
export const commands: readonly Command[] = [
    ...known,
    configurationCommand(known),
]

/** The same by name, for all modems of a process. */
export const commandTable: ReadonlyMap<string, Command> = new Map(
    commands.map(command => [command.name, command])
)
