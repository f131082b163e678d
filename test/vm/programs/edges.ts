/** The edges of what there is room for. */
import "../edges"
