/** Transparent mode. */
import "../transparent"
