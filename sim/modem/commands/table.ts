import type { Command } from "../command"
import { applicationCommands } from "./applications"
import { callServiceCommands } from "./call-services"
import { callCommands } from "./calls"
import { fileCommands } from "./files"
import { generalCommands } from "./general"
import { httpCommands } from "./http"
import { messageSendingCommands } from "./message-sending"
import { messageCommands } from "./messages"
import { moduleCommands } from "./module"
import { networkCommands } from "./network"
import { phoneBookCommands } from "./phone-book"
import { profileCommands } from "./profile"
import { serialCommands } from "./serial"
import { simCommands } from "./sim"
import { connectionCommands } from "./tcpip-connection"
import { receiveCommands } from "./tcpip-receive"
import { sendCommands } from "./tcpip-send"
import { setupCommands } from "./tcpip-setup"
import { tlsCommands } from "./tcpip-tls"

/** Every command that the module knows; the rest is ERROR. */
export const commands: readonly Command[] = [
    ...profileCommands,
    ...generalCommands,
    ...serialCommands,
    ...moduleCommands,
    ...simCommands,
    ...networkCommands,
    ...callCommands,
    ...callServiceCommands,
    ...phoneBookCommands,
    ...messageCommands,
    ...messageSendingCommands,
    ...applicationCommands,
    ...httpCommands,
    ...setupCommands,
    ...connectionCommands,
    ...tlsCommands,
    ...fileCommands,
    ...sendCommands,
    ...receiveCommands,
]
