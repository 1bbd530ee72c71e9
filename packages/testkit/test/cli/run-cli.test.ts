import { describe, expect, it } from "vitest";
import { runCli } from "../../src/cli/run-cli.js";

/** Runs a command line in this process, with nothing typed. */
async function run(...argv: readonly string[]) {
  const said: string[] = [];
  const complaints: string[] = [];
  const code = await runCli(argv, {
    lines: (async function* nothing() {})(),
    say: (line) => said.push(line),
    complain: (line) => complaints.push(line),
    signal: AbortSignal.abort(),
  });
  return { code, said: said.join("\n"), complaints: complaints.join("\n") };
}

describe("throughline-testkit", () => {
  it.each([
    [["--help"], /Usage: throughline-testkit <command>/],
    [["proxy", "--help"], /Examples:\n.*throughline-testkit proxy/s],
    [["run", "--help"], /Examples:\n.*throughline-testkit run/s],
    [["conformance", "-h"], /Examples:\n.*throughline-testkit conformance/s],
    [
      ["conformance", "server", "--list"],
      /goes on exactly behind the id that a client shows \(HTML/,
    ],
    [["--version"], /^\d+\.\d+\.\d+$/],
  ])("explains itself: %s", async (argv, text) => {
    const { code, said } = await run(...argv);
    expect(code).toBe(0);
    expect(said).toMatch(text);
  });

  it.each([
    [[], "No command was given."],
    [["dance"], 'There is no command "dance".'],
    [["proxy"], "--upstream is missing: expected --upstream http://127.0.0.1:8080"],
    [["proxy", "--upstream", "https://a.b"], "expected an address such as http://127.0.0.1:8080"],
    [["proxy", "--upstream", "http://a", "--port", "x"], "expected a whole number from 0 to 65535"],
    [["proxy", "--upstream", "http://a", "more"], 'Unexpected "more".'],
    [["proxy", "--upstrem", "http://a"], "Unknown option '--upstrem'"],
    [["run"], "--url is missing"],
    [["run", "--url", "https://a.b/c"], "Expected an address that begins with http://"],
    [["run", "no.scenario", "--url", "http://127.0.0.1:1/"], "no.scenario"],
    [["run", "--only", "none", "--url", "http://127.0.0.1:1/"], "no scenario fits"],
    [["run", "--runs", "0", "--url", "http://127.0.0.1:1/"], "--runs: expected a whole number"],
    [["conformance", "client"], 'Expected "conformance server", got "conformance client".'],
    [["conformance", "server"], "--url is missing"],
    [["conformance", "server", "--level", "high"], "expected standard or throughline"],
    [["conformance", "server", "--list", "--only", "zebra"], 'no case has "zebra"'],
  ])("ends with 1 and a sentence where it cannot begin: %s", async (argv, sentence) => {
    const { code, complaints } = await run(...argv);
    expect(code).toBe(1);
    expect(complaints).toContain(sentence);
    expect(complaints).not.toContain("this is a bug");
  });
});
