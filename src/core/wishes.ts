/**
 * What is wanted of the whole: by the application, and by floors that lie below the one
 * that can do it. A plain record: whoever wishes sets a field, and `Modem.poll()`
 * carries it out.
 */
export class Wishes {
    /** AT+CIPSHUT, and the context anew */
    shut = false
    /** a reset of the modem */
    reset = false
    /** what is believed of connections is to be compared with AT+CIPSTATUS */
    audit = false
}
