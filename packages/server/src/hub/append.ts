// The one way from the hub into the log, whoever publishes.

import { eventBytes, type NewEvent } from "../log/event.js";
import type { AppendResult } from "../log/event-log.js";
import type { StreamName } from "../log/stream-name.js";
import type { HubCore } from "./core.js";

/** Appends a batch, and tells the observer once the log has it. Rejects with what the log says. */
export async function append(
  { settings, environment, observer }: HubCore,
  stream: StreamName,
  events: readonly NewEvent[],
): Promise<AppendResult> {
  if (observer === undefined) return settings.log.append(stream, events);
  const startedMs = environment.nowMs();
  const result = await settings.log.append(stream, events);
  const bytes = events.reduce((sum, event) => sum + eventBytes(event), 0);
  const durationMs = environment.nowMs() - startedMs;
  observer({ kind: "events-published", stream, events: events.length, bytes, durationMs });
  return result;
}
