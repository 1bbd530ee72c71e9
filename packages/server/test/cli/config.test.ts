// Where settings come from, which wins, and what is said of those that cannot be used.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { SERVE_SETTINGS } from "../../src/cli/config/serve-settings.js";
import { flagName } from "../../src/cli/config/setting-names.js";
import { run, type Surroundings } from "./fake-host.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "throughline-config-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** The settings that would be in force. */
async function inForce(argv: readonly string[], surroundings?: Surroundings) {
  const { code, stdout, stderr } = await run(["serve", "--print-config", ...argv], surroundings);
  expect([code, stderr]).toEqual([0, ""]);
  return parse(stdout) as Readonly<Record<string, unknown>>;
}

/** What is said of a configuration that cannot be used. */
async function complaint(argv: readonly string[], surroundings?: Surroundings): Promise<string> {
  const { code, stdout, stderr } = await run(["serve", ...argv], surroundings);
  expect([code, stdout]).toEqual([1, ""]);
  return stderr;
}

describe("settings", () => {
  it("have defaults that are settings themselves", async () => {
    const defaults = Object.entries(SERVE_SETTINGS)
      .filter(([, { fallback }]) => fallback !== undefined)
      .map(([name, { fallback }]) => [name, fallback]);
    expect(await inForce([])).toEqual(Object.fromEntries(defaults));
  });

  it("are taken from the file, over it from the environment, and over both from flags", async () => {
    const config = file("layers.yaml", "port: 1\nadminPort: 2\nleaseMs: 3000\n");
    const environment = { THROUGHLINE_PORT: "4", THROUGHLINE_ADMIN_PORT: "5" };
    const argv = ["--config", config, "--port", "6"];
    expect(await inForce(argv, { environment })).toMatchObject({
      port: 6,
      adminPort: 5,
      leaseMs: 3000,
    });
  });

  it("may come from a JSON file, which the environment may name", async () => {
    const config = file("settings.json", '{"port": 7, "processMetrics": false}');
    expect(await inForce([], { environment: { THROUGHLINE_CONFIG: config } })).toMatchObject({
      port: 7,
      processMetrics: false,
    });
  });

  it("know PORT and HOST, which the longer names win over", async () => {
    const environment = { PORT: "8000", HOST: "localhost", THROUGHLINE_HOST: "127.0.0.2" };
    expect(await inForce([], { environment })).toMatchObject({ port: 8000, host: "127.0.0.2" });
  });

  it("that are empty in the environment are not set", async () => {
    expect(await inForce([], { environment: { PORT: "" } })).toMatchObject({ port: 8081 });
  });

  it("that are switches can be turned on and off by flags", async () => {
    const argv = ["--no-process-metrics", "--allow-anyone-to-read-and-publish"];
    expect(await inForce(argv)).toMatchObject({
      processMetrics: false,
      allowAnyoneToReadAndPublish: true,
    });
  });

  it("of an empty file are the defaults", async () => {
    expect(await inForce(["--config", file("empty.yaml", "")])).toEqual(await inForce([]));
  });

  it("are printed so that they can be read again", async () => {
    const printed = await run(["serve", "--print-config", "--port", "9", "--base-path", "/e"]);
    const config = file("printed.yaml", printed.stdout);
    expect(await inForce(["--config", config])).toEqual(parse(printed.stdout));
  });

  it("pass over what Kubernetes puts into the environment for a service of this name", async () => {
    const environment = {
      THROUGHLINE_PORT: "tcp://10.0.0.1:80",
      THROUGHLINE_SERVICE_HOST: "10.0.0.1",
      THROUGHLINE_SERVICE_PORT_HTTP: "80",
      THROUGHLINE_PORT_80_TCP_ADDR: "10.0.0.1",
    };
    expect(await inForce([], { environment })).toEqual(await inForce([]));
  });
});

describe("a setting that cannot be used", () => {
  it.each([
    [["--port", "70000"], {}, "flag --port", "got 70000"],
    [["--port", "x"], {}, "flag --port", 'got "x"'],
    [["--port", "1e3"], {}, "flag --port", 'got "1e3"'],
    [[], { PORT: "-1" }, "environment variable PORT", "got -1"],
    [[], { THROUGHLINE_PORT: "80 " }, "environment variable THROUGHLINE_PORT", 'got "80 "'],
  ])("is named in one line, with what was expected and what came: %j %j", async (...row) => {
    const [argv, environment, from, got] = row;
    expect(await complaint(argv, { environment: { ...environment } })).toBe(
      `throughline serve: Setting "port" (${from}): expected an integer from 0 to 65535; ${got}.\n`,
    );
  });

  it.each([
    [["--workers", "0"], "got 0"],
    [["--workers=-2"], "got -2"],
    [["--workers", "1.5"], 'got "1.5"'],
    [["--workers", "auto"], 'got "auto"'],
    [["--workers", "1000"], "got 1000"],
  ])("is a number of workers that nobody can have: %j", async (argv, got) => {
    expect(await complaint(argv)).toBe(
      `throughline serve: Setting "workers" (flag --workers): expected an integer from 1 to 128; ${got}.\n`,
    );
  });

  it.each([
    ['port: "80"', '"port"', 'got "80"'],
    ["port: 1.5", '"port"', "got 1.5"],
    ["port: [80]", '"port"', "got a list"],
    ["port:", '"port"', "got null"],
    ["processMetrics: 1", '"processMetrics"', "expected true or false; got 1"],
    [
      "logLevel: loud",
      '"logLevel"',
      'expected one of debug, info, warn, error, silent; got "loud"',
    ],
  ])("in a file keeps its type: %j", async (text, name, said) => {
    const line = await complaint(["--config", file("types.yaml", text)]);
    expect([line.includes(name), line.includes(said), line.split("\n").length]).toEqual([
      true,
      true,
      2,
    ]);
  });

  it("is not the only one that is named", async () => {
    const lines = await complaint(["--port", "x", "--lease-ms", "1"]);
    expect(lines.trim().split("\n")).toHaveLength(2);
  });

  it("is found in relation to others, before anything begins", async () => {
    const argv = [
      "--log",
      "memory",
      "--port",
      "0",
      "--pulse-interval-ms",
      "2000",
      "--pulse-deadline-ms",
      "1000",
    ];
    expect(await complaint(argv)).toContain("more than pulse.intervalMs (2000); got 1000");
  });
});

describe("a name that is not known", () => {
  it.each([
    [["--prot", "1"], {}, "--prot"],
    [[], { THROUGHLINE_MAX_CONECTIONS: "1" }, "THROUGHLINE_MAX_CONECTIONS"],
    [["extra"], {}, '"extra"'],
  ])("is refused: %j %j", async (argv, environment, named) => {
    const line = await complaint(argv, { environment: { ...environment } });
    expect([line.includes(named), line.trim().split("\n").length]).toEqual([true, 1]);
  });

  it("in a file is refused, with the name that was meant", async () => {
    const config = file("unknown.yaml", "max-connections: 5\n");
    expect(await complaint(["--config", config])).toBe(
      `throughline serve: Unknown setting "max-connections" (file ${config}). ` +
        "Was maxConnections meant?\n",
    );
  });

  it.each(["toString", "__proto__", "constructor"])(
    "may be one of every object: %s",
    async (name) => {
      const config = file("object.json", `{"${name}": {"port": 1}}`);
      expect(await complaint(["--config", config])).toContain("Unknown setting");
    },
  );
});

describe("a file", () => {
  it("that is not there is named", async () => {
    expect(await complaint(["--config", join(folder, "none.yaml")])).toContain(
      "none.yaml cannot be read: ENOENT.",
    );
  });

  it("that cannot be parsed is named with the line, and not quoted", async () => {
    const config = file("broken.yaml", 'port: 1\nmetricsToken: "hunter2\n');
    const line = await complaint(["--config", config]);
    expect([line.includes("line "), line.includes("hunter2")]).toEqual([true, false]);
  });

  it.each(["- a list", "just a text", "5"])("that holds no names is refused: %j", async (text) => {
    expect(await complaint(["--config", file("odd.yaml", text)])).toContain("names with values");
  });
});

describe("a secret", () => {
  const token = "hunter2-hunter2-hunter2";

  it("comes from the environment or the file, and is masked when printed", async () => {
    const environment = { THROUGHLINE_METRICS_TOKEN: token };
    expect(await inForce([], { environment })).toMatchObject({ metricsToken: "(hidden)" });
    const config = file("secret.yaml", `metricsToken: ${token}`);
    expect(await inForce(["--config", config])).toMatchObject({ metricsToken: "(hidden)" });
  });

  it("has no flag, which everybody on the machine could see", async () => {
    const line = await complaint(["--metrics-token", token]);
    expect([line.includes("--metrics-token"), line.includes(token)]).toEqual([true, false]);
  });

  it("that cannot be used is not shown", async () => {
    const environment = { THROUGHLINE_METRICS_TOKEN: "hunter2" };
    const line = await complaint([], { environment });
    expect(line).toContain('"metricsToken" (environment variable THROUGHLINE_METRICS_TOKEN)');
    expect(line).not.toContain("hunter2");
  });
});

describe("an address that others can reach", () => {
  it.each(["0.0.0.0", "::", "192.168.1.5", "example.org", "127.0.0.1.example.org"])(
    "is refused while nobody's identity is checked: %s",
    async (host) => {
      const line = await complaint(["--port", "0", "--host", host]);
      expect(line).toContain("--allow-anyone-to-read-and-publish");
      expect(line.trim().split("\n")).toHaveLength(1);
    },
  );
});

describe("help", () => {
  it.each(Object.keys(SERVE_SETTINGS))("of serve explains %s", async (name) => {
    const { stdout } = await run(["serve", "--help"]);
    const { isSecret } = SERVE_SETTINGS[name as keyof typeof SERVE_SETTINGS];
    expect(new RegExp(`^  --${flagName(name)}( |$)`, "m").test(stdout)).toBe(!isSecret);
    expect(stdout).toContain(`In a file: ${name}\n`);
  });

  it.each(["serve", "gateway", "publish", "tail", "doctor"])(
    "of %s fits a terminal and says how it ends",
    async (name) => {
      const { code, stdout, stderr } = await run([name, "--help"]);
      expect([code, stderr]).toEqual([0, ""]);
      expect(stdout).toMatch(new RegExp(`^Usage: throughline ${name} `));
      expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
      expect(stdout).toMatch(/\bends? (it )?with\b/);
    },
  );

  it("of everything names the commands", async () => {
    for (const flag of ["--help", "-h", "help"]) {
      expect((await run([flag])).stdout).toMatch(/serve[\s\S]*gateway[\s\S]*publish/);
    }
  });

  it("is what a wrong command is pointed to", async () => {
    expect(await run(["toString"])).toEqual({
      code: 1,
      stdout: "",
      stderr: 'throughline: There is no command "toString". See throughline --help.\n',
    });
    expect((await run([])).code).toBe(1);
  });

  it("has a version beside it", async () => {
    expect((await run(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
