/** The port of a bridge chip. */
import "../bridge"
