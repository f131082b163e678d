/**
 * Wishes of the application, and of layers below the one that can carry them out. A
 * plain record: a field is set, and `Modem.poll()` carries it out.
 */
export class Wishes {
    /** AT+CIPSHUT, then a new context */
    shut = false
    /** a reset of the modem */
    reset = false
    /** the driver's connections are to be compared with AT+CIPSTATUS */
    audit = false
}
