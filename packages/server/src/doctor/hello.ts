// Reads the greeting of a Throughline server, which may be anything that a stranger sends.

import { isPulseTiming, type PulseTiming, type ResumeAnswer } from "throughline/core";
import type { HelloSeen } from "./observation.js";

/** A greeting, with the address of the lease, which is not for showing. */
export interface Greeting {
  readonly hello: HelloSeen;
  readonly leaseUrl: string | undefined;
}

const ANSWERS: readonly string[] = ["caught-up", "replay", "gap"] satisfies ResumeAnswer[];

/** The greeting in the data of a `throughline.hello`; `undefined` where it is none. */
export function parseHello(data: string): Greeting | undefined {
  const value = parseObject(data);
  if (value === undefined) return undefined;
  const { protocol, head, resume } = value;
  if (typeof protocol !== "number" || typeof head !== "string" || !isAnswer(resume))
    return undefined;
  const url = asObject(value["lease"])?.["url"];
  const leaseUrl = typeof url === "string" ? url : undefined;
  const hello = {
    protocol,
    head,
    resume,
    pulse: pulseOf(value["pulse"]),
    hasLease: leaseUrl !== undefined,
  };
  return { hello, leaseUrl };
}

/** JSON that is an object. */
export function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return asObject(JSON.parse(text));
  } catch {
    // Not JSON.
    return undefined;
  }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? { ...value }
    : undefined;
}

function isAnswer(value: unknown): value is ResumeAnswer {
  return typeof value === "string" && ANSWERS.includes(value);
}

function pulseOf(value: unknown): PulseTiming | undefined {
  const { intervalMs, deadlineMs } = asObject(value) ?? {};
  if (typeof intervalMs !== "number" || typeof deadlineMs !== "number") return undefined;
  return isPulseTiming({ intervalMs, deadlineMs }) ? { intervalMs, deadlineMs } : undefined;
}
