// Numbers, times and states in words.

const CITY_ZONE = "Asia/Kolkata";

const clockFormat = new Intl.DateTimeFormat("en-GB", {
  timeZone: CITY_ZONE,
  hour: "2-digit",
  minute: "2-digit",
});
const dayFormat = new Intl.DateTimeFormat("en-GB", { timeZone: CITY_ZONE, weekday: "short" });
const dateFormat = new Intl.DateTimeFormat("en-GB", {
  timeZone: CITY_ZONE,
  weekday: "short",
  day: "numeric",
  month: "short",
});
const wallFormat = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});

/** The time of day in the city: `14:05`. */
export function cityClock(ms: number): string {
  return clockFormat.format(ms);
}

/** The day of the week in the city: `Tue`. */
export function cityDay(ms: number): string {
  return dayFormat.format(ms);
}

/** The date in the city: `Tue, 8 Dec`. */
export function cityDate(ms: number): string {
  return dateFormat.format(ms);
}

/** The time where the reader is, with seconds. */
export function wallClock(ms: number): string {
  return wallFormat.format(ms);
}

/** A duration: `340 ms`, `1.8 s`, `12.4 s`, `3 min 20 s`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const rest = seconds % 60;
  return rest === 0 ? `${seconds / 60} min` : `${Math.floor(seconds / 60)} min ${rest} s`;
}

/** Whole seconds: `0 s`, `14 s`; for figures that change under the reader's eyes. */
export function wholeSeconds(ms: number): string {
  return `${Math.floor(ms / 1000)} s`;
}

/** A signed figure with two digits: `+0.24`, `−0.10`, `0.00`. */
export function signed(value: number): string {
  const text = Math.abs(value).toFixed(2);
  if (Number(text) === 0) return text;
  return value > 0 ? `+${text}` : `−${text}`;
}

/** `1 item`, `3 items`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en-GB")} ${count === 1 ? one : many}`;
}

/** A category in words: `rival_move` becomes `rival move`. */
export function spaced(name: string): string {
  return name.replaceAll("_", " ");
}

const reasonTexts: Readonly<Record<string, string>> = {
  network: "path failed",
  timeout: "no answer",
  silent: "fell silent",
  ended: "ended by server",
  "short-lived": "ends at once",
  unavailable: "server unavailable",
  "rate-limited": "asked to slow down",
  refused: "refused",
  "not-a-stream": "not a stream",
  drained: "handed over",
  "lease-lost": "lease lost",
  "retry-limit": "gave up",
  "event-too-large": "event too large",
  suspended: "page set aside",
  woken: "woke from sleep",
  requested: "asked for",
  complete: "stream complete",
  opening: "opening",
  open: "open",
};

/** A reason of the connection in words; one that is new here is shown as it is. */
export function reasonText(reason: string): string {
  return reasonTexts[reason] ?? spaced(reason);
}
