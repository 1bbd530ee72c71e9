import type { LogFixture } from "./log-fixture.js";

/** A case of the suite before it has a log to run on. */
export interface LogCase {
  readonly name: string;
  run(fixture: LogFixture): Promise<void>;
}
