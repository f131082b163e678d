/** Commands of programs, certificates, the second context. */
import "../commands"
import "../certificates"
import "../context"
