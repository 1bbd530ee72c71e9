// Which events a filter lets through, said anew for the checkers: PROTOCOL.md §4.

/** Whether one of the patterns covers a topic; without patterns everything is wanted. */
export function isWanted(topic: string | undefined, patterns: readonly string[]): boolean {
  if (patterns.length === 0) return true;
  return topic !== undefined && patterns.some((pattern) => isCovered(topic, pattern));
}

function isCovered(topic: string, pattern: string): boolean {
  const segments = topic.split("/");
  const wanted = pattern.split("/");
  return (
    segments.length === wanted.length &&
    wanted.every((segment, at) => segment === "*" || segment === segments[at])
  );
}
