// Addresses as they may be shown: people put tokens into queries, and log-in pages states.

/** Parameters whose values tell nothing that is secret, and much that one wants to see. */
const SHOWN_PARAMETERS = new Set(["cursor", "topics"]);

/** An address without its fragment, its user, and the values of its query. */
export function maskUrl(url: string | URL): string {
  const { origin, pathname, searchParams } = new URL(url);
  const query = [...searchParams].map(([name, value]) =>
    SHOWN_PARAMETERS.has(name) ? `${name}=${value}` : `${name}=…`,
  );
  return `${origin}${pathname}${query.length === 0 ? "" : `?${query.join("&")}`}`;
}

/** The same for the value of a header, which may be no address at all. */
export function maskLocation(location: string, base: URL): string {
  return URL.canParse(location, base.href) ? maskUrl(new URL(location, base)) : "(not an address)";
}
