/** Location of the serving cell: AT+CLBS over a bearer of AT+SAPBR. */
import { Failure } from "../errors"
import { readDate } from "./date"
import { LOCAL, type Dialogue, type Problem, type Talk } from "./talk"

/** maxima of the manual (9.2.1) plus a margin, ms */
const OPEN_TIMEOUT = 90000
const CLOSE_TIMEOUT = 70000
/** not in the manual; ms */
const LOCATION_TIMEOUT = 120000
/** state of a bearer of AT+SAPBR that is up */
const UP = 1
const UNKNOWN =
    "the location server does not say where this is: try again later"
const NOWHERE =
    "the location server says a place that is not on this globe: try again later"
const FARTHEST = 100000

enum Step {
    Look,
    Kind,
    Apn,
    User,
    Password,
    Open,
    Ask,
    Close,
    Done,
}

/** @devsWhenUsed */
export class AskLocation implements Dialogue {
    over!: boolean
    problem!: Problem | null
    behind!: Dialogue | null
    /** degrees, south and west negative */
    latitude = 0
    longitude = 0
    /** m */
    accuracy = 0
    /** ms since 1970, -1 if the server does not give it */
    utc = -1
    private readonly latitudeFirst: boolean
    private step = Step.Look

    /** @param latitudeFirst the firmware gives the latitude before the longitude */
    constructor(latitudeFirst: boolean) {
        this.latitudeFirst = latitudeFirst
    }

    next(talk: Talk): boolean {
        const config = talk.modem.config
        if (this.step === Step.Kind && talk.obeyed()) {
            if (!talk.seek("+SAPBR:")) return talk.again()
            talk.fields.skip(1)
            const state = talk.fields.whole(0, 3)
            if (talk.fields.wrong) return talk.again()
            if (state === UP) this.step = Step.Ask
        }
        if (this.step === Step.Close && talk.obeyed() && !this.read(talk))
            if (talk.again()) return true
        // if the bearer did not open, there is nothing to close
        if (!talk.obeyed() && this.step !== Step.Close) return false
        switch (this.step++) {
            case Step.Look:
                return talk.say("AT+SAPBR=2,1", LOCAL)
            case Step.Kind:
                return talk.say('AT+SAPBR=3,1,"Contype","GPRS"', LOCAL)
            case Step.Apn:
                return talk.say(`AT+SAPBR=3,1,"APN","${config.apn}"`, LOCAL)
            case Step.User:
                return talk.say(`AT+SAPBR=3,1,"USER","${config.user}"`, LOCAL)
            case Step.Password:
                return talk.say(
                    `AT+SAPBR=3,1,"PWD","${config.password}"`,
                    LOCAL
                )
            case Step.Open:
                return talk.say("AT+SAPBR=1,1", OPEN_TIMEOUT)
            case Step.Ask:
                return talk.say("AT+CLBS=4,1", LOCATION_TIMEOUT)
            case Step.Close:
                return talk.say("AT+SAPBR=0,1", CLOSE_TIMEOUT)
        }
        return false
    }

    /**
     * code, longitude, latitude, accuracy, yy/MM/dd, hh:mm:ss
     * @returns false if it makes no sense
     */
    private read(talk: Talk): boolean {
        const fields = talk.fields
        if (!talk.seek("+CLBS:")) return false
        const code = fields.whole(0, 999)
        if (fields.wrong) return false
        if (code !== 0) {
            talk.fail(Failure.NoLocation, "location", talk.said(), UNKNOWN)
            return true
        }
        const first = fields.decimal(-180, 180)
        const second = fields.decimal(-180, 180)
        this.accuracy = fields.decimal(0, FARTHEST)
        if (fields.wrong) return false
        this.utc = -1
        if (fields.more()) {
            fields.next()
            const from = fields.from
            const utc = readDate(talk.request.answer, from)
            fields.next()
            if (isNaN(utc) || fields.to - from !== 17) return false
            this.utc = utc
        }
        let latitudeFirst = this.latitudeFirst
        // a value beyond 90 degrees shows the order
        if (first > 90 || first < -90) latitudeFirst = false
        else if (second > 90 || second < -90) latitudeFirst = true
        this.latitude = latitudeFirst ? first : second
        this.longitude = latitudeFirst ? second : first
        if (this.latitude > 90 || this.latitude < -90)
            talk.fail(Failure.NoLocation, "location", talk.said(), NOWHERE)
        return true
    }
}
