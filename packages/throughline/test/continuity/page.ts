// The script of the page: one source that goes on over reloads, and a list of what it was handed.

import { EventSource } from "throughline";
import { rememberCursors } from "throughline/continuity";

const continuity = rememberCursors({ storage: sessionStorage });
const source = new EventSource("/streams/news", { continuity });
const seen: string[] = [];
source.onmessage = ({ data }) => seen.push(data);
Object.assign(globalThis, { source, seen });
