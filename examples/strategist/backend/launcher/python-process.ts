// A Python process of the back end, in a process group of its own, that ends with whoever started it.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the Python code, as seen from the sources and from what is built of them. */
const folders = ["../", "../../../backend/"].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);

/** Where `scripts/python.mjs` puts a Python that has Flask, as seen from the Python code. */
const GENERATED = "../../../.generated/flask/bin/python";

/** So much of what a process says is kept, for the message of an error. */
const KEPT_CHARACTERS = 10_000;

/** How long a process may take until it says what is waited for: others may be busy beside it. */
const SAYS_WITHIN_MS = 40_000;

/** A process that runs. */
export interface PythonProcess {
  /** The last of what it said, to both outputs. */
  output(): string;
  /** Resolves when it has said something `count` times; rejects when it ends before, or is too slow. */
  says(pattern: RegExp, count?: number): Promise<RegExpMatchArray>;
  /** Sends a signal to it alone, or to all processes of its group. */
  signal(name: NodeJS.Signals, to: "itself" | "group"): void;
  hasEnded(): boolean;
  /** Resolves when it has ended, however. */
  readonly ended: Promise<void>;
}

/**
 * The path of a Python that has Flask and gunicorn: that of `FLASK_PYTHON_PATH`, or the one that
 * `node scripts/python.mjs` has made; `undefined` where there is none.
 */
export function findFlaskPython(): string | undefined {
  const named = process.env["FLASK_PYTHON_PATH"];
  if (named !== undefined && named !== "") return named;
  const generated = join(findFolder(), GENERATED);
  return existsSync(generated) ? generated : undefined;
}

/** Starts a module of Python, such as `gunicorn`, in the folder of the back end. */
export function startPython(
  module: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): PythonProcess {
  const python = findFlaskPython();
  if (python === undefined) {
    throw new Error("No Python with Flask and gunicorn: node scripts/python.mjs makes one.");
  }
  const { PATH = "" } = process.env;
  const child = spawn(python, ["-m", module, ...args], {
    cwd: findFolder(),
    detached: true,
    // It ends when the other end of its standard input is gone, also by a kill -9 of this process.
    stdio: ["pipe", "pipe", "pipe"],
    env: { PATH, ...env, END_WITH_STDIN: "1", PYTHONUNBUFFERED: "1" },
  });
  let said = "";
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const listener of listeners) listener();
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said = `${said}${text}`.slice(-KEPT_CHARACTERS);
      tell();
    });
  }
  // Its end may come between a look and a write; that it has ended is told otherwise.
  child.stdin.on("error", () => {});
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  let failure: Error | undefined;
  const ended = once(child, "close").then(
    () => tell(),
    (error: Error) => {
      failure = error;
      tell();
    },
  );
  const complain = (what: string) =>
    new Error(`${python} -m ${module} ${what}:\n${said}`, { cause: failure });

  return {
    output: () => said,
    hasEnded,
    ended,
    says: (pattern, count = 1) =>
      new Promise((resolve, reject) => {
        const settle = (finish: () => void) => {
          clearTimeout(timer);
          listeners.delete(look);
          finish();
        };
        const look = () => {
          const matches = [...said.matchAll(new RegExp(pattern, "gm"))];
          const match = matches[count - 1];
          if (match !== undefined) settle(() => resolve(match));
          else if (hasEnded() || failure) settle(() => reject(complain("has ended")));
        };
        const late = () => settle(() => reject(complain("is not ready in time")));
        const timer = setTimeout(late, SAYS_WITHIN_MS);
        listeners.add(look);
        look();
      }),
    signal: (name, to) => {
      if (child.pid === undefined) return;
      try {
        process.kill(to === "group" ? -child.pid : child.pid, name);
      } catch {
        // Nobody is left to hear it.
      }
    },
  };
}

function findFolder(): string {
  const folder = folders.find((path) => existsSync(join(path, "gunicorn.conf.py")));
  if (folder === undefined) throw new Error(`no back end in ${folders.join(" or ")}`);
  return folder;
}
