// Makes a fresh clone ready: checks Node, installs the dependencies that the lock file names and
// writes the library that `core` is compiled against. Does nothing, quickly, when all is there.

import { accessSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { asCommand, CommandError, root, run, say, step } from "./steps.mjs";

/** Everything that must be there before anything can be compiled. */
export async function setUp() {
  requireNode();
  if (!dependenciesAreInstalled()) {
    await step("Install dependencies (npm ci)", () => run("npm", ["ci", "--loglevel=error"]));
  }
  // Imported late: it asks for the compiler's package, which may have come only just now.
  const { writePureLib } = await import("./pure-lib.mjs");
  writePureLib();
}

/** Throws when this Node is older than what package.json asks for. */
function requireNode() {
  const oldest = readJson("package.json").engines.node.replace(">=", "");
  if (comparable(process.versions.node) >= comparable(oldest)) return;
  throw new CommandError(
    `Node ${oldest} or later is needed; this is ${process.version}. ` +
      "Install a newer Node and run the command again.",
    "",
  );
}

/** Major and minor of a version as one number. @param {string} version */
function comparable(version) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major * 1000 + minor;
}

/**
 * Whether node_modules holds what the lock file names. npm notes in node_modules what it put there;
 * the two notes are compared entry by entry, so neither a pulled lock file nor an interrupted
 * install goes unnoticed, and `npm install` by hand costs no second install.
 */
function dependenciesAreInstalled() {
  const wanted = readJson("package-lock.json").packages;
  if (!existsSync(join(root, "node_modules/.package-lock.json"))) return false;
  const installed = readJson("node_modules/.package-lock.json").packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.startsWith("node_modules/")) return true;
    const found = installed[path];
    // What is optional is left out on the platforms that it is not made for.
    if (found === undefined) return entry.optional === true;
    return found.version === entry.version && existsSync(join(root, path));
  });
}

/**
 * The path of a Chromium for the tests in a real browser, which is also set as `CHROMIUM_PATH` for
 * them; or, where there is none and none can be installed, why.
 *
 * @returns {Promise<{ path: string } | { missing: string }>}
 */
export async function ensureChromium() {
  const asked = process.env["CHROMIUM_PATH"];
  if (asked !== undefined && !isExecutable(asked)) {
    throw new CommandError(`CHROMIUM_PATH names no program: ${asked}`, "");
  }
  const path = asked ?? findChromium() ?? (await installChromium());
  if (path === undefined) {
    return { missing: "no Chromium here; install one or set CHROMIUM_PATH to it" };
  }
  process.env["CHROMIUM_PATH"] = path;
  return { path };
}

/**
 * Makes Firefox available for the tests that also run in it, and sets its path as `FIREFOX_PATH`.
 * Returns whether it is there; where it is not, they are left out by themselves.
 */
export async function ensureFirefox() {
  const find = () => ["/usr/bin/firefox-esr", "/usr/bin/firefox"].find(isExecutable);
  if (process.env["FIREFOX_PATH"] === undefined && find() === undefined) {
    await installDebianPackages(["firefox-esr"]);
  }
  const path = process.env["FIREFOX_PATH"] ?? find();
  if (path === undefined || !isExecutable(path)) return false;
  process.env["FIREFOX_PATH"] = path;
  return true;
}

function findChromium() {
  return [
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  ].find(isExecutable);
}

async function installChromium() {
  await installDebianPackages(["chromium"]);
  return findChromium();
}

/** The proxies that the hub is tested behind. Their packages in Debian have the same names. */
const proxies = ["nginx", "haproxy", "caddy"];

/**
 * Makes the real proxies available for the tests behind them. Returns those that are not there and
 * cannot be installed: their tests are left out by themselves.
 *
 * @returns {Promise<string[]>}
 */
export async function ensureProxies() {
  const isMissing = (/** @type {string} */ name) =>
    !["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/opt/homebrew/bin"].some(
      (folder) => isExecutable(join(folder, name)),
    );
  const missing = proxies.filter(isMissing);
  if (missing.length > 0) await installDebianPackages(missing);
  return proxies.filter(isMissing);
}

/**
 * Makes the program available that network namespaces are made with. Whether they are permitted is another
 * question, which is asked where they are needed; so this never fails.
 */
export async function ensureNamespaceTools() {
  const isThere = ["/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip"].some(isExecutable);
  if (process.platform === "linux" && !isThere) await installDebianPackages(["iproute2"]);
}

/** Servers of others that the drop-in is tested with: the file that shows each, by its package. */
const servers = {
  "libnginx-mod-nchan": "/usr/lib/nginx/modules/ngx_nchan_module.so",
  pushpin: "/usr/bin/pushpin",
};

/**
 * The same for the servers of others that Debian has.
 *
 * @returns {Promise<string[]>}
 */
export async function ensureServers() {
  const missing = () =>
    Object.entries(servers).flatMap(([name, path]) => (existsSync(path) ? [] : [name]));
  if (missing().length > 0) await installDebianPackages(missing());
  return missing();
}

/**
 * Makes Spin and a C compiler available, which check the model. Returns whether both are there.
 */
export async function ensureSpin() {
  const find = (/** @type {string} */ name) =>
    ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"].some((at) => isExecutable(join(at, name)));
  const missing = () => ["spin", "gcc"].filter((name) => !find(name));
  if (missing().length > 0) await installDebianPackages(missing());
  return missing().length === 0;
}

/**
 * Installs packages of Debian where that needs no question: as root, where there is apt-get. Without
 * them their tests are skipped, loudly; everything else can still be tested. So it never fails.
 *
 * @param {readonly string[]} names
 */
async function installDebianPackages(names) {
  if (process.getuid?.() !== 0 || !isExecutable("/usr/bin/apt-get")) return;
  const allow = forbidServices();
  try {
    await step(`Install ${names.join(", ")} (apt-get)`, async () => {
      const env = { DEBIAN_FRONTEND: "noninteractive" };
      await run("apt-get", ["update"], { env, quiet: true });
      await run("apt-get", ["install", "-y", ...names], { env, quiet: true });
    });
  } catch (error) {
    say(`  ${error instanceof Error ? error.message : error}`);
  } finally {
    allow();
  }
}

/**
 * Keeps packages from starting their services, as Debian has it for that (`policy-rc.d`, code 101): a
 * test run must not leave a proxy on port 80. Returns what undoes it. A policy that is there stays.
 */
function forbidServices() {
  const policy = "/usr/sbin/policy-rc.d";
  if (existsSync(policy)) return () => {};
  writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  return () => rmSync(policy, { force: true });
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not there and not executable are the same to the caller.
    return false;
  }
}

/** @param {string} path */
function readJson(path) {
  return JSON.parse(readFileSync(join(root, path), "utf8"));
}

await asCommand(import.meta.url, setUp);
