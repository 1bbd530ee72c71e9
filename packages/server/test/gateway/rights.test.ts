import { beforeEach, describe, expect, it } from "vitest";
import type { BackendAnswer, BackendQuestion } from "../../src/gateway/ask-backend.js";
import type { HeaderReader } from "../../src/gateway/identity.js";
import type { CheckRules } from "../../src/gateway/options.js";
import { createRights, type Rights, type Verdict } from "../../src/gateway/rights.js";
import { VirtualEnvironment } from "../hub/virtual-environment.js";

const RULES: CheckRules = {
  path: "/api/v1/status?x=1",
  expect: { authenticated: true },
  withinMs: 3000,
  everyMs: 0,
  graceMs: 60_000,
};

const YES: BackendAnswer = { status: 200, body: '{"authenticated":true}' };
const NO: BackendAnswer = { status: 200, body: '{"authenticated":false}' };
const ILL: BackendAnswer = { status: 503, body: "" };
const ALLOWED: Verdict = { kind: "allowed", byGrace: false };
const BY_GRACE: Verdict = { kind: "allowed", byGrace: true };
const UNAVAILABLE: Verdict = { kind: "unavailable" };

/** A question that the backend has been asked. */
interface Asked extends BackendQuestion {
  readonly answer: (answer: BackendAnswer) => void;
  readonly fail: () => void;
}

let environment: VirtualEnvironment;
let asked: Asked[];
let rights: Rights;

beforeEach(() => {
  environment = new VirtualEnvironment();
  asked = [];
  rights = open();
});

function open(rules: Partial<CheckRules> = {}): Rights {
  return createRights({
    upstream: new URL("http://backend.example:5000"),
    rules: { ...RULES, ...rules },
    identity: { cookies: ["session"], headers: [] },
    environment,
    ask: (question) =>
      new Promise((resolve, reject) => {
        const fail = () => reject(new Error("It failed."));
        question.signal.addEventListener("abort", fail);
        asked.push({ ...question, answer: resolve, fail });
      }),
  });
}

function reader(session: string): HeaderReader {
  return { header: (name) => (name === "cookie" ? `theme=dark; session=${session}` : undefined) };
}

/** Checks somebody whom the backend answers at once. */
async function checked(session: string, answer: BackendAnswer): Promise<Verdict> {
  const verdict = rights.check(reader(session));
  await environment.settle();
  asked.at(-1)?.answer(answer);
  return verdict;
}

/** Lets so much time pass that no check is shared any more. */
const later = () => environment.pass(1001);

describe("a check", () => {
  it("shows the backend who it is, and nothing else", async () => {
    await checked("a", YES);
    expect(asked.map(({ url, headers }) => [url.href, headers])).toEqual([
      ["http://backend.example:5000/api/v1/status?x=1", { cookie: "session=a" }],
    ]);
  });

  it.each<[string, BackendAnswer, Verdict]>([
    ["what is expected", YES, ALLOWED],
    ["something else", NO, { kind: "denied", status: 401 }],
    ["another JSON value", { status: 200, body: "null" }, { kind: "denied", status: 401 }],
    ["no JSON", { status: 200, body: "<html>" }, UNAVAILABLE],
    ["nothing", { status: 204, body: "" }, UNAVAILABLE],
    ["too much", { status: 200, body: undefined }, UNAVAILABLE],
    ["401", { status: 401, body: "" }, { kind: "denied", status: 401 }],
    ["403", { status: 403, body: "" }, { kind: "denied", status: 403 }],
    ["301", { status: 301, body: "" }, { kind: "denied", status: 401 }],
    ["302", { status: 302, body: "" }, { kind: "denied", status: 401 }],
    ["303", { status: 303, body: "" }, { kind: "denied", status: 401 }],
    ["307", { status: 307, body: "" }, { kind: "denied", status: 401 }],
    ["404", { status: 404, body: "" }, UNAVAILABLE],
    ["429", { status: 429, body: "" }, UNAVAILABLE],
    ["500", { status: 500, body: "" }, UNAVAILABLE],
    ["503", ILL, UNAVAILABLE],
  ])("is judged by the answer: %s", async (_name, answer, verdict) => {
    expect(await checked("a", answer)).toEqual(verdict);
  });

  it("needs no more than its status where nothing is expected", async () => {
    rights = open({ expect: undefined });
    expect(await checked("a", { status: 204, body: "" })).toEqual(ALLOWED);
    expect(await checked("b", { status: 200, body: undefined })).toEqual(ALLOWED);
  });

  it("that fails is unavailable", async () => {
    const verdict = rights.check(reader("a"));
    await environment.settle();
    asked[0]?.fail();
    expect(await verdict).toEqual(UNAVAILABLE);
  });

  it("that takes too long is ended, and unavailable", async () => {
    const verdict = rights.check(reader("a"));
    await environment.pass(2999);
    expect(asked[0]?.signal.aborted).toBe(false);
    await environment.pass(1);
    expect(asked[0]?.signal.aborted).toBe(true);
    expect(await verdict).toEqual(UNAVAILABLE);
  });

  it("leaves no timer", async () => {
    await checked("a", YES);
    expect(environment.timers).toBe(0);
  });

  it("of a path at another server is refused before there is one", () => {
    expect(() => open({ path: "//elsewhere.example/" })).toThrow(/check\.path/);
  });

  it("under way is unavailable when the rights are closed, and so are later ones", async () => {
    const verdict = rights.check(reader("a"));
    await environment.settle();
    rights.close();
    expect(await verdict).toEqual(UNAVAILABLE);
    expect(await rights.check(reader("b"))).toEqual(UNAVAILABLE);
    expect(asked).toHaveLength(1);
  });
});

describe("checks of one identity", () => {
  it("are shared for a second from when the first began", async () => {
    const first = rights.check(reader("a"));
    await environment.pass(1000);
    const second = rights.check(reader("a"));
    expect(asked).toHaveLength(1);
    asked[0]?.answer(YES);
    expect(await Promise.all([first, second])).toEqual([ALLOWED, ALLOWED]);
    const third = rights.check(reader("a"));
    expect(asked).toHaveLength(1);
    expect(await third).toEqual(ALLOWED);
  });

  it("are made anew after that, whether or not the first was answered", async () => {
    rights.check(reader("a"));
    await later();
    rights.check(reader("a"));
    await environment.settle();
    expect(asked).toHaveLength(2);
  });

  it("are not shared with another identity", async () => {
    rights.check(reader("a"));
    rights.check(reader("b"));
    await environment.settle();
    expect(asked).toHaveLength(2);
  });
});

describe("many checks", () => {
  it("are made eight at a time, in the order in which they came", async () => {
    for (let at = 0; at < 20; at += 1) rights.check(reader(String(at)));
    await environment.settle();
    expect(asked).toHaveLength(8);
    asked[3]?.answer(YES);
    asked[5]?.fail();
    await environment.settle();
    expect(asked.map(({ headers }) => headers["cookie"]).slice(8)).toEqual([
      "session=8",
      "session=9",
    ]);
  });

  it("that wait too long are unavailable, and are never made", async () => {
    const verdicts = Array.from({ length: 20 }, (_, at) => rights.check(reader(String(at))));
    await environment.pass(3000);
    expect(await Promise.all(verdicts)).toEqual(verdicts.map(() => UNAVAILABLE));
    expect(asked).toHaveLength(8);
    await later();
    expect(await checked("late", YES)).toEqual(ALLOWED);
  });

  it("above the bound are unavailable at once", async () => {
    for (let at = 0; at < 1008; at += 1) rights.check(reader(String(at)));
    expect(await rights.check(reader("one too many"))).toEqual(UNAVAILABLE);
  });
});

describe("whoever was allowed", () => {
  it("is allowed for a while when the backend cannot be asked", async () => {
    await checked("a", YES);
    await environment.pass(60_000);
    expect(await checked("a", ILL)).toEqual(BY_GRACE);
    await later();
    expect(await checked("a", ILL)).toEqual(UNAVAILABLE);
  });

  it("is not allowed longer because of the grace itself", async () => {
    await checked("a", YES);
    for (let round = 0; round < 2; round += 1) {
      await environment.pass(29_000);
      expect(await checked("a", ILL)).toEqual(BY_GRACE);
    }
    await environment.pass(29_000);
    expect(await checked("a", ILL)).toEqual(UNAVAILABLE);
  });

  it("is forgotten at once when the backend says no", async () => {
    await checked("a", YES);
    await later();
    await checked("a", NO);
    await later();
    expect(await checked("a", ILL)).toEqual(UNAVAILABLE);
  });

  it("is forgotten also by a check that was overtaken by an older one", async () => {
    rights.check(reader("a"));
    await later();
    expect(await checked("a", NO)).toEqual({ kind: "denied", status: 401 });
    asked[0]?.answer(YES);
    await later();
    expect(await checked("a", ILL)).toEqual(UNAVAILABLE);
  });

  it("does nothing for somebody else", async () => {
    await checked("a", YES);
    expect(await checked("b", ILL)).toEqual(UNAVAILABLE);
  });

  it("is not remembered where there is no grace", async () => {
    rights = open({ graceMs: 0 });
    await checked("a", YES);
    await later();
    expect(await checked("a", ILL)).toEqual(UNAVAILABLE);
  });

  it("is one of the 10,000 who were allowed last, whoever was denied", async () => {
    await checked("a", YES);
    await checked("b", YES);
    for (let at = 0; at < 9998; at += 1) await checked(`allowed-${at}`, YES);
    for (let at = 0; at < 10_001; at += 1) await checked(`denied-${at}`, NO);
    await later();
    expect(await checked("a", ILL)).toEqual(BY_GRACE);
    await checked("one more", YES);
    await later();
    expect(await checked("a", ILL)).toEqual(UNAVAILABLE);
    expect(await checked("b", ILL)).toEqual(BY_GRACE);
  });
});
