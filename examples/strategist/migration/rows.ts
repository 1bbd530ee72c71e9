// Which rows of the database a message of the feed tells of.

interface Message {
  readonly type?: string | undefined;
  readonly data?: { readonly id?: unknown } | undefined;
}

/** The ids of the alerts in the data of a message, in either generation of the feed. */
export function rowsOf(data: string): readonly string[] {
  const message = parse(data);
  const id = String(message.data?.id);
  if (message.type === "alert") return [id];
  const found = /^alert_(\d+)$/.exec(id);
  return found?.[1] === undefined ? [] : [found[1]];
}

function parse(data: string): Message {
  try {
    return JSON.parse(data) as Message;
  } catch {
    // What is no JSON is no row.
    return {};
  }
}
