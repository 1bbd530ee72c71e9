// What the watch over a hub's health tells to whoever counts or logs.

/** The parts of a hub's health. */
export type HealthPart =
  /** The log takes events. */
  | "append"
  /** The log's tails hear of them. */
  | "tail"
  /** The hub takes new readers and events; it does not while it shuts down. */
  | "serving";

/** How a part is. */
export type PartHealth =
  | { readonly ok: true }
  /** `reason` is made for people, and has neither payloads nor secrets. */
  | { readonly ok: false; readonly reason: string };

/** Something that the watch has found out. */
export type HealthNotice =
  | {
      /** A canary went through the log and came out of its tail. */
      readonly kind: "canary-heard";
      /** From the call of `append` until the tail heard of the event. */
      readonly lagMs: number;
    }
  | {
      /** A part is well again, or is not any more. */
      readonly kind: "health-changed";
      readonly part: HealthPart;
      readonly health: PartHealth;
    };

/** Takes note of the health. Must not throw. */
export type HealthObserver = (notice: HealthNotice) => void;
