// Opens the embedded log in the directory given, stores one event, says so, and keeps it open.

import { createEmbeddedLog, parseStreamName } from "@throughline/server/log";

const log = await createEmbeddedLog({ directory: process.argv[2] ?? "" });
await log.append(parseStreamName("ward/42"), [{ data: "held" }]);
process.stdout.write("holding\n");
process.stdin.resume();
