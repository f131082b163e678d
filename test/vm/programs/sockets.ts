/** Sockets, and what comes in between. */
import "../socket"
import "../disturbed"
import "../sleep"
