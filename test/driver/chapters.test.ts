import { chapters } from "./chapters"

chapters()
