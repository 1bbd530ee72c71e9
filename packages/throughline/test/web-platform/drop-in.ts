import { EventSource } from "throughline";
import { prepareRealm } from "./realm.js";
import type { EventSourceClass } from "./test-case.js";

// The cases are written for the DOM's class; that this one can stand in its place is what they test.
prepareRealm(EventSource as EventSourceClass);
