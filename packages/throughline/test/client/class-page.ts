// The script of a page for tests that drive the class from outside.

import { EventSource } from "throughline";

Object.assign(globalThis, { DropIn: EventSource });
