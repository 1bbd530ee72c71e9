import { prepareRealm } from "./realm.js";

prepareRealm(EventSource);
