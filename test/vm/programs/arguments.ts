/** What programs do wrong. */
import "../wrong-calls"
import "../wrong-options"
