/** Messages, calls, and what the modem tells of itself. */
import "../message"
import "../phone"
import "../telemetry"
