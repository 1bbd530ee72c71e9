// The one way from the hub into the log, whoever publishes.

import { eventBytes, type NewEvent } from "../log/event.js";
import type { AppendOptions, AppendResult } from "../log/event-log.js";
import type { StreamName } from "../log/stream-name.js";
import type { HubCore } from "./core.js";

/** Appends a batch, and tells the observer once the log has it. Rejects with what the log says. */
export async function append(
  { settings, environment, observer }: HubCore,
  stream: StreamName,
  events: readonly NewEvent[],
  options: AppendOptions = {},
): Promise<AppendResult> {
  if (observer === undefined) return settings.log.append(stream, events, options);
  const startedMs = environment.nowMs();
  const result = await settings.log.append(stream, events, options);
  const durationMs = environment.nowMs() - startedMs;
  let stored = 0;
  let bytes = 0;
  for (const [index, event] of events.entries()) {
    if (result.events[index]?.isDuplicate === true) continue;
    stored += 1;
    bytes += eventBytes(event);
  }
  const duplicates = events.length - stored;
  const counts = { events: stored, duplicates, bytes };
  observer({ kind: "events-published", stream, ...counts, durationMs });
  return result;
}
