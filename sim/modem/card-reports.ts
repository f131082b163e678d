import { choice, type SettingData } from "./setting"

/** AT+CSMINS ([ATM12] 6.2.53). */
export const cardReports: SettingData = {
    name: "+CSMINS",
    values: [choice([0, 1])],
    saved: "AT&W",
}
