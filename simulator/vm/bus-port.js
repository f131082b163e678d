/**
 * Loaded into `devs run --tcp`, which knows no other port than 8082: its bus
 * is on the port that SIMULATOR_BUS names.
 */
import net from "node:net"

const { createConnection } = net
net.createConnection = (port, ...rest) =>
    createConnection(
        port === 8082 ? Number(process.env.SIMULATOR_BUS) : port,
        ...rest
    )
