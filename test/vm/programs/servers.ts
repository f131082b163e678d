/** Servers and UDP. */
import "../server"
import "../udp"
