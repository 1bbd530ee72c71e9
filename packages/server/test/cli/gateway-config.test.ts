// What a gateway is told: by flags, by the environment, by its file, by presets.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StreamError } from "throughline/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { resolveRules } from "../../src/cli/config/gateway-file.js";
import { GATEWAY_SETTINGS } from "../../src/cli/config/gateway-settings.js";
import { showDefault } from "../../src/cli/config/help.js";
import { printRules } from "../../src/cli/config/print-rules.js";
import { SERVE_SETTINGS } from "../../src/cli/config/serve-settings.js";
import type { Settings } from "../../src/cli/config/setting.js";
import { environmentName, flagName } from "../../src/cli/config/setting-names.js";
import { UsageError } from "../../src/cli/config/usage-error.js";
import { createGatewayCommand } from "../../src/cli/gateway-command.js";
import { PRESETS } from "../../src/gateway/index.js";
import { ROUTE_DEFAULTS } from "../../src/gateway/route-defaults.js";
import { createRouteTable } from "../../src/gateway/route-table.js";
import { runCommand, type Surroundings } from "./fake-host.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "throughline-gateway-config-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const command = createGatewayCommand(() => {
  throw new Error("No gateway should be made.");
});

async function inForce(argv: readonly string[], surroundings?: Surroundings) {
  const printed = await runCommand(command, ["--print-config", ...argv], surroundings);
  return parse(printed.stdout, { maxAliasCount: 0 }) as Readonly<Record<string, unknown>>;
}

/** What is said of a call that cannot work. */
async function complaint(argv: readonly string[], surroundings?: Surroundings): Promise<string> {
  try {
    await runCommand(command, argv, surroundings);
  } catch (error) {
    if (error instanceof UsageError || error instanceof StreamError) return error.message;
    throw error;
  }
  return "";
}

/** The same of a file, without its name. */
function complaintAbout(text: string): string {
  try {
    resolveRules(undefined, { name: "f.yaml", content: parse(text) });
  } catch (error) {
    if (error instanceof UsageError || error instanceof StreamError) {
      return error.message.replaceAll("File f.yaml: ", "");
    }
    throw error;
  }
  return "";
}

function rulesOf(text: string, preset?: string) {
  return resolveRules(preset, { name: "f.yaml", content: parse(text) });
}

describe("a gateway", () => {
  it("that is told nothing has the preset of what is deployed", async () => {
    expect(resolveRules(undefined, undefined)).toEqual(PRESETS["strategist-enhanced"]);
    expect(rulesOf("port: 1")).toEqual(PRESETS["strategist-enhanced"]);
    const other = resolveRules("strategist-first-generation", undefined);
    expect(other).toEqual(PRESETS["strategist-first-generation"]);
    expect(await inForce([])).toMatchObject({ port: 8082, maxUpstreams: 4, host: "127.0.0.1" });
  });

  it("takes the address of the backend from the flag, from its variable, or from a common one", async () => {
    const environment = { UPSTREAM_URL: "http://c", THROUGHLINE_UPSTREAM: "http://b" };
    const argv = ["--upstream", "http://a"];
    expect(await inForce(argv, { environment })).toMatchObject({ upstream: "http://a" });
    expect(await inForce([], { environment })).toMatchObject({ upstream: "http://b" });
    const common = { environment: { UPSTREAM_URL: "http://c:5000/" } };
    expect(await inForce([], common)).toMatchObject({ upstream: "http://c:5000/" });
  });

  it("does not begin without a backend", async () => {
    expect(await complaint([])).toBe(
      'Setting "upstream": expected where the backend is, for example ' +
        "--upstream http://127.0.0.1:5000; got nothing.",
    );
    expect(await complaint(["--upstream", "http://a:99999"])).toContain("expected an origin");
  });

  it.each(["127.0.0.1:5000", "http://a/api", "http://a?x", "http://user@a", "ftp://a", "http://"])(
    "knows no backend at %s",
    async (upstream) => {
      expect(await complaint(["--upstream", upstream])).toContain("expected an origin such as");
    },
  );

  it("knows no preset of another name", async () => {
    expect(await complaint(["--preset", "strategist"])).toBe(
      'Setting "preset" (flag --preset): expected one of strategist-enhanced, ' +
        'strategist-first-generation, none; got "strategist".',
    );
    expect(await complaint(["--preset", "none"])).toContain('Setting "preset"');
  });

  it.each(["strategist-enhanced", "strategist-first-generation"])(
    "prints everything that %s says, so that it can be read again",
    async (preset) => {
      const argv = ["--preset", preset, "--upstream", "http://a"];
      const { stdout } = await runCommand(command, [...argv, "--print-config"]);
      const path = file("printed.yaml", stdout);
      const again = await runCommand(command, ["--config", path, "--print-config"]);
      expect(parse(again.stdout)).toEqual(parse(stdout));
      const rules = resolveRules("none", { name: path, content: parse(stdout) });
      expect(rules).toEqual(resolveRules(preset, undefined));
    },
  );

  it("prints a silence without an end, no check, and every parameter so that they can be read again", () => {
    const rules = rulesOf("routes: [{ name: a, path: /a }]");
    const content = parse(printRules(rules)) as { routes: readonly object[] };
    expect(content).toMatchObject({
      check: "none",
      routes: [{ query: "all", upstream: { silenceMs: "never" } }],
    });
    expect(resolveRules("none", { name: "f", content })).toEqual(rules);
  });
});

describe("the file", () => {
  it("may have settings and routes, and of each what is mistyped is named", async () => {
    const path = file("mixed.yaml", "upstream: http://a\nrouts: []\nmax-upstreams: 1\n");
    expect((await complaint(["--config", path])).split("\n")).toEqual([
      `Unknown setting "routs" (file ${path}). See --help for those there are.`,
      `Unknown setting "max-upstreams" (file ${path}). Was maxUpstreams meant?`,
    ]);
    const route = file("route.yaml", "route: []\n");
    expect(await complaint(["--config", route])).toContain("Was routes meant?");
  });

  it("with routes has no preset unless it names one, and then the routes of both", () => {
    const text = "routes: [{ name: feed, path: /mine }]";
    const alone = rulesOf(text);
    expect(alone.routes.map(({ name }) => name)).toEqual(["feed"]);
    expect([alone.identity, alone.check]).toEqual([
      { cookies: [], headers: ["authorization"] },
      undefined,
    ]);
    const both = rulesOf(text, "strategist-enhanced");
    expect(both.routes.map(({ name }) => name).sort()).toEqual(
      PRESETS["strategist-enhanced"].routes.map(({ name }) => name).sort(),
    );
    expect(both.routes.find(({ name }) => name === "feed")).toEqual(alone.routes[0]);
    expect(both.check).toEqual(PRESETS["strategist-enhanced"].check);
  });

  it("may have variants of the preset's routes, field by field", () => {
    const [feed] = PRESETS["strategist-enhanced"].routes;
    const text = `
      routes:
        - { name: feed, extends: feed, upstream: { silenceMs: never }, query: all, ends: [] }
        - { name: mine, extends: feed, path: /mine, isChecked: false }`;
    const { routes } = rulesOf(text, "strategist-enhanced");
    const byName = (name: string) => routes.find((route) => route.name === name);
    expect(byName("feed")).toEqual({
      ...feed,
      query: undefined,
      ends: [],
      upstream: { ...feed?.upstream, silenceMs: Number.POSITIVE_INFINITY },
    });
    expect(byName("mine")).toEqual({ ...feed, name: "mine", path: "/mine", isChecked: false });
  });

  it("may say who is who, and how rights are checked, in place of the preset", () => {
    const text = "identity: { cookies: [sid] }\ncheck: { path: /me, everyMs: 0 }";
    expect(rulesOf(text)).toMatchObject({
      identity: { cookies: ["sid"], headers: [] },
      check: { path: "/me", expect: undefined, everyMs: 0, graceMs: 300_000 },
    });
  });

  const route = (fields: string) => `routes: [{ name: a, path: /a, ${fields} }]`;

  it.each([
    ["routes: {}", "routes: expected a list of routes; got a map."],
    ["routes: [5]", "routes[0]: expected a route, such as {name: events, path: /events}; got 5."],
    ["routes: []", 'Setting "preset": expected routes in the file where it is none; got none.'],
    ["routes: [{ path: /a }]", "routes[0].name: expected a value; got nothing."],
    [
      "routes: [{ name: a }]",
      "routes[0].path: expected a path such as /events/:room; got nothing.",
    ],
    [
      "routes: [{ name: A, path: /a }]",
      'routes[0].name: expected 1 to 32 of a-z, 0-9 and -; got "A".',
    ],
    [
      "routes: [{ name: a, path: a }]",
      'routes[0].path: expected a path such as /events/:room; got "a".',
    ],
    [
      route('upstream: { silenceMs: "10s" }'),
      'routes[0].upstream.silenceMs: expected an integer from 100 to 86400000, or never; got "10s".',
    ],
    [
      route("upstream: { silenceMS: 1000 }"),
      "routes[0].upstream.silenceMS: there is no such field. Was silenceMs meant?",
    ],
    [
      route("upstream: { lingerMs: -1 }"),
      "routes[0].upstream.lingerMs: expected an integer from 0 to 86400000; got -1.",
    ],
    [
      route("upstream: { resume: since }"),
      "routes[0].upstream.resume: expected {by: X}, where X is since, last-event-id, repetition " +
        'or none; got "since".',
    ],
    [
      route("upstream: { resume: { by: magic } }"),
      "routes[0].upstream.resume.by: expected {by: X}, where X is since, last-event-id, " +
        'repetition or none; got "magic".',
    ],
    [
      route("upstream: { resume: { by: since, parameter: s } }"),
      "routes[0].upstream.resume.overlapMs: expected a value; got nothing.",
    ],
    [
      route("heartbeat-type: x"),
      'routes[0]["heartbeat-type"]: there is no such field. Was heartbeatType meant?',
    ],
    [route("identity: mine"), 'routes[0].identity: expected own or shared; got "mine".'],
    [route("isChecked: 1"), "routes[0].isChecked: expected true or false; got 1."],
    [
      route("fresh: latest"),
      'routes[0].fresh: expected {at: latest}, {at: earliest}, or {newest: 10}; got "latest".',
    ],
    [route("query: { ward: 5 }"), "routes[0].query.ward: expected a text or null; got 5."],
    [
      route("greetings: { type: x }"),
      "routes[0].greetings: expected a list of matches; got a map.",
    ],
    [
      route("greetings: [{ data.: x }]"),
      'routes[0].greetings[0]["data."]: expected names of members, joined by dots, such as ' +
        'data.id; got "data.".',
    ],
    [
      route("greetings: [{ type: { is: x } }]"),
      "routes[0].greetings[0].type: expected a text, a number, true, false, null, a list of " +
        "them, or {present: true}; got a map.",
    ],
    [
      route("greetings: [{ type: [] }]"),
      "routes[0].greetings[0].type: expected a list that is not empty; got a list.",
    ],
    [
      route("greetings: [{ constructor: x }]"),
      "routes[0].greetings[0]: expected other names than __proto__, constructor, prototype.",
    ],
    [
      route("kinds: [{ name: k, match: {}, key: id, atMost: 0 }]"),
      "routes[0].kinds[0].atMost: expected an integer from 1 to 1000000; got 0.",
    ],
    [
      route("ends: [{ match: {}, means: stop }]"),
      'routes[0].ends[0].means: expected reopen, end or rest; got "stop".',
    ],
    [
      route("refusals: [{ match: {}, status: 200 }]"),
      "routes[0].refusals[0].status: expected one of 400, 401, 403, 404, 410, 429, 503; got 200.",
    ],
    [route("extends: feed"), 'routes[0].extends: expected a preset beside it; got "feed".'],
    [
      route("greetings: [[]]"),
      "routes[0].greetings[0]: expected paths with values, such as {type: alert}; got a list.",
    ],
    [
      route("query: none"),
      'routes[0].query: expected all, or parameters with what each is where it is missing; got "none".',
    ],
    ["check: all", 'check: expected none, or a request such as {path: /me}; got "all".'],
    ["identity: { cookie: a }", "identity.cookie: there is no such field. Was cookies meant?"],
    [
      'identity: { cookies: ["a b"] }',
      'identity.cookies[0]: expected a cookie\'s name; got "a b".',
    ],
    ["check: { paths: /a }", "check.path: expected a value; got nothing."],
  ])("is refused where it says %s", (text, said) => {
    expect(complaintAbout(text).split("\n")).toContain(said);
  });

  it("is refused with a line for every field", () => {
    const text = "routes: [{ name: A, path: a, life: long }]\nidentity: []";
    expect(complaintAbout(text).split("\n")).toHaveLength(4);
  });

  it("is refused where it extends what the preset does not have", () => {
    expect(() => rulesOf("routes: [{ name: a, extends: fed }]", "strategist-enhanced")).toThrow(
      'routes[0].extends: expected one of feed, analysis, conversation, compatibility-feed, agents; got "fed".',
    );
  });

  it("is refused where routes contradict each other", () => {
    expect(complaintAbout("routes: [{ name: a, path: /a }, { name: b, path: /%61 }]")).toContain(
      '"routes.b.path": expected a path that differs from that of a',
    );
  });

  it("is refused where a stream is shared and nobody is asked for rights", () => {
    const text = route("identity: shared");
    expect(complaintAbout(text)).toContain('Route "a": expected a check');
    expect(complaintAbout(`${text}\ncheck: none`)).toContain('Route "a": expected a check');
    expect(complaintAbout(`${text}\ncheck: { path: /me }`)).toBe("");
    expect(complaintAbout(route("identity: shared, isChecked: false"))).toBe("");
  });
});

describe("the help", () => {
  it("explains every setting, and fits a terminal", async () => {
    const { stdout } = await runCommand(command, ["--help"]);
    expect(stdout).toMatch(/^Usage: throughline gateway /);
    for (const name of Object.keys(GATEWAY_SETTINGS)) {
      expect(stdout).toContain(`In a file: ${name}\n`);
    }
    expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
  });
});

describe("docs/gateway-routes.md", () => {
  const page = readFileSync(new URL("../../../../docs/gateway-routes.md", import.meta.url), "utf8");
  const examples = [...page.matchAll(/```yaml\n# (\S+)\n([\s\S]*?)```/g)].map(
    ([, name = "", text = ""]) => [name, text] as const,
  );
  const rows = (heading: string) =>
    (page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? "")
      .split("\n")
      .filter((line) => line.startsWith("| `"))
      .map((line) =>
        line
          .slice(1, -1)
          .split(/(?<!\\)\|/)
          .map((cell) => cell.trim().replaceAll("`", "")),
      );

  it("has the examples that are tried here", () => {
    expect(examples.map(([name]) => name)).toEqual([
      "least.yaml",
      "ids.yaml",
      "weather.yaml",
      "variant.yaml",
    ]);
  });

  it.each(examples)("has an example that can be used: %s", async (name, text) => {
    const printed = await inForce(["--config", file(name, text)]);
    expect(printed["upstream"]).toMatch(/^https?:/);
  });

  it("says truly what the backend of its whole example is asked for", () => {
    const { routes } = rulesOf(examples.find(([name]) => name === "weather.yaml")?.[1] ?? "");
    const table = createRouteTable(routes);
    const said = rows("A whole one");
    expect(said).toHaveLength(3);
    for (const [target = "", asked] of said) {
      expect(table.find("GET", target)?.upstreamTarget).toBe(asked);
    }
  });

  it("has every field with its default", () => {
    const written = ({ silenceMs, ...others }: typeof ROUTE_DEFAULTS.upstream) => ({
      ...others,
      silenceMs: Number.isFinite(silenceMs) ? silenceMs : "never",
    });
    const { upstream, query, ...fields } = ROUTE_DEFAULTS;
    const expected = {
      ...{ ...fields, query: query ?? "all" },
      ...Object.fromEntries(
        Object.entries(written(upstream)).map(([name, value]) => [`upstream.${name}`, value]),
      ),
    };
    const said = rows("Fields of a route").map(([name = "", value = ""]) => [name, parse(value)]);
    expect(Object.fromEntries(said)).toEqual({ name: null, path: null, ...expected });
  });

  it("has every setting that serve does not have as well, and names the others", () => {
    const serve: Settings = SERVE_SETTINGS;
    const settings: Settings = GATEWAY_SETTINGS;
    const isServes = (name: string) =>
      serve[name]?.about === settings[name]?.about &&
      serve[name]?.fallback === settings[name]?.fallback;
    const own = Object.entries(settings).filter(([name]) => !isServes(name));
    expect(rows("Settings")).toEqual(
      own.map(([name, setting]) => [
        name,
        `--${flagName(name)}`,
        [environmentName(name), ...setting.alsoFrom].join(", "),
        showDefault(setting),
        setting.about,
      ]),
    );
    const shared = Object.keys(settings).filter(isServes);
    expect(page).toContain(`The same as for \`serve\`: \`${shared.join("`, `")}\`.`);
  });
});
