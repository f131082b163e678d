/** DeviceScript's own network over the modem. */
import "../network"
import "../network-ends"
