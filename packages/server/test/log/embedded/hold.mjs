// Opens the embedded log in the directory given, stores one event, says so, and keeps it open.
//
//   node hold.mjs <directory> durable|accepted

import { createEmbeddedLog, parseStreamName } from "@throughline/server/log";

const stream = parseStreamName("ward/42");
const [, , directory = "", mode] = process.argv;
const acknowledge = mode === "accepted" ? "accepted" : "durable";
const log = await createEmbeddedLog({ directory, acknowledge });
await log.append(stream, [{ data: "held" }]);
// What can be read is stored.
await log.head(stream);
process.stdout.write("holding\n");
process.stdin.resume();
