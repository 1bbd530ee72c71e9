// Faults that are not told to a proxy between: what befalls processes, and packets in a network.

import type { Random } from "@throughline/testkit";
import type { BlackholePath } from "../blackhole/blackhole-path.js";
import type { OpenPath, PathProcess, ProcessName } from "../paths/path.js";

/** When a reader was hurt, and when its path was usable again, on the clock of `performance.now()`. */
export interface BlowTimes {
  readonly struckMs: number;
  readonly usableMs: number;
}

/** What a blow falls upon. */
export interface BlowScene {
  readonly path: OpenPath;
  /** The network of the readers; only where {@link Blow.needs} asks for it. */
  readonly network: BlackholePath | undefined;
  /** The address that each of the readers has connected to. */
  readonly addresses: readonly string[];
  readonly random: Random;
}

/** One blow, which meets all readers that are there. */
export interface Blow {
  readonly id: string;
  readonly title: string;
  /** A process that the path has to have, or a network in which packets can vanish. */
  readonly needs: ProcessName | "network";
  readonly traffic: "busy" | "idle";
  /** Whether nothing is published as long as it lasts. */
  readonly isQuiet: boolean;
  /**
   * A blow that lasts so much longer has to make a reader ask again; `Infinity`: it may get over it on the
   * connection that it has, such as when only acknowledgements are lost.
   */
  readonly toleratedMs: number;
  /** Whether the last byte that a reader got is known only by the last event that it was given. */
  readonly countsFromLastEvent: boolean;
  /** Strikes and mends; resolves with the times of each reader. */
  strike(scene: BlowScene): Promise<readonly BlowTimes[]>;
}

/** A process of a path. Throws where it has none of that name: such blows are not for it. */
export function processOf(
  { processes }: Pick<OpenPath, "processes">,
  name: ProcessName,
): PathProcess {
  const found = processes[name];
  if (found === undefined) throw new Error(`The path has no process "${name}".`);
  return found;
}
