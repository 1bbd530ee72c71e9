// The suite of servers, on servers that are not Throughline's. What they do not do, as set up here, is listed: a case that
// fails and is not listed fails here, and so does one that is listed and passes.

import { type ServerUnderTest, serverConformance } from "@throughline/testkit";
import { beforeAll, describe, expect, it } from "vitest";
import { KNOWN_FAILURES } from "./known-failures.js";
import { type Kind, kinds } from "./servers.js";

/** Their signs of life are 1.1 s apart, as `KEEP_ALIVE_MS` has it; nchan's own are set to the same. */
const HEARTBEAT_WITHIN_MS = 2500;

const examined = kinds.filter(({ name }) => Object.hasOwn(KNOWN_FAILURES, name));

async function createServer({ open }: Kind): Promise<ServerUnderTest> {
  const stage = await open();
  await stage.start();
  return {
    url: `http://127.0.0.1:${stage.port}/events`,
    publish: async () => String(await stage.insert()),
    dispose: () => stage.close(),
  };
}

describe.each(examined)("$name", (kind) => {
  // Only a machine that has it can run it; `npm test` installs it where it can.
  describe.skipIf(kind.missing !== undefined)("as a server of event streams", () => {
    const known = KNOWN_FAILURES[kind.name] ?? {};
    const options = {
      createServer: () => createServer(kind),
      heartbeatWithinMs: HEARTBEAT_WITHIN_MS,
    };
    const patient = serverConformance(options);
    const hasty = serverConformance({ ...options, waitMs: 1000 });
    const failures = new Map<string, string | undefined>();

    beforeAll(async () => {
      const cases = patient.map((each, at) => (each.name in known ? hasty[at] : each));
      await Promise.all(
        cases.map(async (each) => {
          const failed = await each?.run().catch(String);
          failures.set(each?.name ?? "", failed ?? undefined);
        }),
      );
    });

    it.each(patient)("$name", ({ name }) => {
      if (name in known) expect(failures.get(name), "it is listed as a failure").toBeDefined();
      else expect(failures.get(name)).toBeUndefined();
    });

    it("has no known failure that is not a case", () => {
      const names = patient.map(({ name }) => name);
      expect(Object.keys(known).filter((name) => !names.includes(name))).toEqual([]);
    });
  });
});
