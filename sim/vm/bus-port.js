/**
 * Loaded into `devs run --tcp`, which knows no other port than 8082: its bus
 * is on JACDAC_PORT.
 */
import net from "node:net"

const { createConnection } = net
net.createConnection = (port, ...rest) =>
    createConnection(
        port === 8082 ? Number(process.env.JACDAC_PORT) : port,
        ...rest
    )
