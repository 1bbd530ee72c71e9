// Times and quantities as text.

/** The time of day to the millisecond. */
export function clock(atMs: number): string {
  const at = new Date(atMs);
  const [hours, minutes, seconds] = [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) =>
    String(part).padStart(2, "0"),
  );
  return `${hours}:${minutes}:${seconds}.${String(at.getMilliseconds()).padStart(3, "0")}`;
}

/** A length of time, to about two digits. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  const minutes = Math.floor(ms / 60_000);
  const seconds = Math.round((ms % 60_000) / 1000);
  return minutes < 60 ? `${minutes} min ${seconds} s` : `${Math.round(minutes / 6) / 10} h`;
}

/** A number of bytes. */
export function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const kilo = bytes / 1024;
  return kilo < 1024 ? `${kilo.toFixed(1)} KB` : `${(kilo / 1024).toFixed(1)} MB`;
}

/** A URL as short as it can be and still be known. */
export function shortUrl(url: string): string {
  try {
    const { origin, pathname, search, host } = new URL(url, document.baseURI);
    return `${origin === location.origin ? "" : host}${pathname}${search}`;
  } catch {
    // Not an address: shown as it is.
    return url;
  }
}
