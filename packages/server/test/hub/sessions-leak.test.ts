// Whatever order things happen in: who is served has a session, and who is not has none.

import type { AccessAnswer } from "@throughline/server";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { StreamAnswer } from "../../src/hub/exchange.js";
import { RecordingSink } from "./recording-sink.js";
import { Stage } from "./stage.js";

const act = fc.constantFrom(
  "ask",
  "ask and leave",
  "look",
  "publish",
  "open",
  "abandon",
  "lose",
  "flush",
  "revoke",
  "deny",
  "fail",
  "allow",
  "pass",
);

type Act = typeof act extends fc.Arbitrary<infer T> ? T : never;

class Play {
  #answer: () => AccessAnswer = () => this.#grant();
  readonly stage = new Stage({ authorize: async () => this.#answer(), authorizeGraceMs: 10_000 });
  readonly #answers: StreamAnswer[] = [];
  readonly #sinks: RecordingSink[] = [];

  async run(step: Act): Promise<void> {
    const { stage } = this;
    switch (step) {
      case "ask":
      case "ask and leave": {
        const answer = await stage.request("/streams/news?cursor=earliest");
        if (answer.kind !== "stream") return;
        if (step === "ask") this.#answers.push(answer);
        else answer.abandon();
        return;
      }
      case "look":
        await stage.request("/streams/news", { method: "HEAD" });
        return;
      case "publish": {
        const headers = { "content-type": "application/json" };
        await stage.request("/streams/news", { method: "POST", headers, body: '{"data":""}' });
        return;
      }
      case "open": {
        const sink = new RecordingSink();
        this.#answers.shift()?.open(sink);
        this.#sinks.push(sink);
        return;
      }
      case "abandon":
        this.#answers.shift()?.abandon();
        return;
      case "lose":
        this.#sinks.shift()?.lose();
        return;
      case "flush":
        for (const sink of this.#sinks) if (sink.isEnded) sink.flush();
        return;
      case "revoke":
        stage.core.sessions?.revoke(() => true);
        return;
      case "deny":
        this.#answer = () => ({ status: 403 });
        return;
      case "fail":
        this.#answer = () => {
          throw new Error("store gone");
        };
        return;
      case "allow":
        this.#answer = () => this.#grant();
        return;
      default:
        await stage.environment.pass(20_000);
    }
  }

  /** Sessions beside those of connections and of answers that have not begun. */
  get surplus(): number {
    const { connections, sessions } = this.stage.core;
    return (sessions?.size ?? 0) - connections.all().length - this.#answers.length;
  }

  async end(): Promise<void> {
    for (const answer of this.#answers.splice(0)) answer.abandon();
    for (const sink of this.#sinks) sink.lose();
    await this.stage.environment.settle();
  }

  #grant(): AccessAnswer {
    const { environment } = this.stage;
    return { expiresAtMs: environment.wallMs() + 70_000 };
  }
}

describe("sessions", () => {
  it("are as many as what is served by them, and none when nobody is there", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 30 }), async (steps) => {
        const play = new Play();
        for (const step of steps) {
          await play.run(step);
          await play.stage.environment.settle();
          expect(play.surplus).toBe(0);
        }
        await play.end();
        expect([play.stage.core.sessions?.size, play.stage.environment.timers]).toEqual([
          0,
          play.stage.core.feeds.size,
        ]);
        await play.stage.core.connections.empty();
      }),
      { numRuns: 150 },
    );
  });
});
