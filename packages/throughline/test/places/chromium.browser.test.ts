import { describePlaces } from "./describe-places.js";

describePlaces("chromium");
