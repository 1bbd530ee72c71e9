// Two network namespaces behind this one, as a router and a server, on addresses that are set aside for
// measurements (RFC 2544). They go with the process that has made them, also after a failure.
//
//   here ── veth ── router ── veth ── server
//
// The router drops what it is told to: packets vanish without FIN, RST or any message, as in a network.

import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { once } from "node:events";
import { networkInterfaces } from "node:os";
import { createInterface } from "node:readline";
import { setImmediate as nextTurn } from "node:timers/promises";
import { promisify } from "node:util";
import { findProgram } from "@throughline/testkit";

const execute = promisify(execFile);

/** Which packets vanish: those to the server, those from it, or all. */
export type BlackholeDirection = "up" | "down" | "both";

/** A network of this process. */
export interface Namespaces {
  /** Name of the namespace that the server is in, for `ip netns exec`. */
  readonly server: string;
  /** Addresses of the server, as they are seen from here. */
  readonly addresses: readonly string[];
  /** Packets of an address vanish from then on, also those of connections that there are. */
  block(address: string, direction: BlackholeDirection): Promise<void>;
  /** Everything passes again from then on. */
  unblock(address: string): Promise<void>;
  close(): Promise<void>;
}

/** They are in one network of 256. */
const MOST_ADDRESSES = 200;

/**
 * Why no network can be made here; `undefined` where one can. Makes one and removes it again: rights to do
 * so cannot be told otherwise.
 */
export async function namespacesMissing(): Promise<string | undefined> {
  if (process.platform !== "linux") return "network namespaces are Linux's";
  if (findProgram("ip") === undefined) return "the program ip is not installed (iproute2)";
  try {
    await (await createNamespaces(1)).close();
    return undefined;
  } catch (error) {
    return `network namespaces are not permitted here: ${messageOf(error)}`;
  }
}

/**
 * Makes the network.
 *
 * @param count how many addresses the server gets
 * @throws when this user may not, or the kernel cannot
 */
export async function createNamespaces(count: number): Promise<Namespaces> {
  if (!Number.isInteger(count) || count < 1 || count > MOST_ADDRESSES) {
    throw new Error(`Expected 1 to ${MOST_ADDRESSES} addresses, got ${count}.`);
  }
  await removeLeftovers();
  const base = `tl${process.pid}x${randomBytes(2).toString("hex")}`;
  const names = { router: `${base}r`, server: `${base}s`, link: `${base}h` };
  const [link, net] = subnets();
  const addresses = Array.from({ length: count }, (_, index) => `${net}.${index + 10}`);
  const removeNow = () => {
    for (const name of [names.router, names.server]) spawnSync("ip", ["netns", "delete", name]);
  };
  process.once("exit", removeNow);
  let router: Router | undefined;
  const close = async () => {
    await router?.close();
    process.removeListener("exit", removeNow);
    for (const name of [names.router, names.server]) await remove(name);
  };
  const blocked = new Map<string, readonly ("to" | "from")[]>();
  try {
    await ip("netns", "add", names.router);
    await ip("netns", "add", names.server);
    await ip(
      "link",
      "add",
      names.link,
      "type",
      "veth",
      "peer",
      "name",
      "outer",
      "netns",
      names.router,
    );
    await batch(names.router, [`link add inner type veth peer name eth netns ${names.server}`]);
    await ip("address", "add", `${link}.1/24`, "dev", names.link);
    await ip("link", "set", names.link, "up");
    await batch(names.router, [
      `address add ${link}.2/24 dev outer`,
      `address add ${net}.1/24 dev inner`,
      "link set outer up",
      "link set inner up",
    ]);
    await batch(names.server, [
      ...addresses.map((address) => `address add ${address}/24 dev eth`),
      "link set eth up",
      `route add default via ${net}.1`,
    ]);
    await ip("route", "add", `${net}.0/24`, "via", `${link}.2`);
    await ip("netns", "exec", names.router, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward");
    router = new Router(names.router);
  } catch (error) {
    await close();
    throw error;
  }
  const rules = router;
  return {
    server: names.server,
    addresses,
    block: async (address, direction) => {
      blocked.set(address, WAYS[direction]);
      await rules.tell(WAYS[direction].map((way) => `rule add ${way} ${address} blackhole`));
    },
    unblock: async (address) => {
      const ways = blocked.get(address) ?? [];
      blocked.delete(address);
      await rules.tell(ways.map((way) => `rule delete ${way} ${address} blackhole`));
    },
    close,
  };
}

const WAYS = { up: ["to"], down: ["from"], both: ["to", "from"] } as const;

/** Makes the router print a line, and so tells that all commands before it are in force. */
const ASK_FOR_LINE = "link show lo";

/**
 * Takes commands as long as it lives: to start a program for each would take longer than what is to be
 * measured, and would stop this one meanwhile.
 */
class Router {
  readonly #child: ChildProcess;
  /** Those whose commands are not known to be in force, in their order. */
  readonly #waiting: (() => void)[] = [];
  #complaints = "";

  constructor(namespace: string) {
    const child = spawn("ip", ["-oneline", "-n", namespace, "-force", "-batch", "-"]);
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#complaints += text;
    });
    createInterface(child.stdout).on("line", () => this.#waiting.shift()?.());
    // Whoever waits for one that is gone would wait for ever.
    child.once("close", () => {
      this.#complaints += "it has ended";
      for (const release of this.#waiting.splice(0)) release();
    });
    child.stdin.on("error", (error) => {
      this.#complaints += error.message;
    });
    this.#child = child;
  }

  /**
   * Resolves when the commands are in force: when many are told at once, a tenth of a second later.
   *
   * @throws when one was refused, of these or of earlier ones, or the router has ended
   */
  async tell(commands: readonly string[]): Promise<void> {
    this.#complain();
    const inForce = new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#child.stdin?.write(`${[...commands, ASK_FOR_LINE].join("\n")}\n`);
    await inForce;
    // What it complains of comes another way, and may be read just after.
    await nextTurn();
    this.#complain();
  }

  #complain(): void {
    if (this.#complaints !== "") throw new Error(`The router has refused: ${this.#complaints}`);
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }
}

/** Removes what a process has left behind that was killed. */
async function removeLeftovers(): Promise<void> {
  const listed = await ip("netns", "list");
  for (const line of listed.split("\n")) {
    const [, name, pid] = /^(tl(\d+)x[0-9a-f]{4}[rs])\b/.exec(line) ?? [];
    if (name !== undefined && !isAlive(Number(pid))) await remove(name);
  }
}

/** Whoever removes a namespace removes its links, and with them the routes to it. */
async function remove(name: string): Promise<void> {
  // It is not there when it could not be made.
  await ip("netns", "delete", name).catch(() => {});
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    // Nobody has this number.
    return false;
  }
}

/** Two networks that nothing here is in: the way to the router, and the one behind it. */
function subnets(): readonly [link: string, net: string] {
  const taken = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  for (;;) {
    const third = 2 * randomInt(128);
    const pair = [`198.18.${third}`, `198.18.${third + 1}`] as const;
    if (!taken.some(({ address }) => pair.some((net) => address.startsWith(`${net}.`))))
      return pair;
  }
}

async function batch(namespace: string, commands: readonly string[]): Promise<void> {
  for (const command of commands) await ip("-n", namespace, ...command.split(" "));
}

async function ip(...args: readonly string[]): Promise<string> {
  const { stdout } = await execute("ip", args);
  return stdout;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.trim() : String(error);
}
