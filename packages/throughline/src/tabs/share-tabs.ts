// One connection for all tabs, as a `fetch`: the machine of each tab works as always, and does not know that
// its bytes come from another tab.

import type { FetchInit, FetchLike, FetchResponse } from "../client/index.js";
import {
  CURSOR_PARAMETER,
  classifyAnswer,
  LAST_EVENT_ID_HEADER,
  TELL_TOPICS,
  TOLD_HEADER,
  WAIT_PARAMETER,
} from "../core/index.js";
import { checkTopics, TopicView, widened } from "./shared-topics.js";
import { type TabRole, TabStream } from "./tab-stream.js";

/** Options of {@link shareTabs}. */
export interface ShareOptions {
  /**
   * Who reads, such as the user's name: only tabs that name the same person share. It has to change with the
   * login, because what one tab may read, all of them are handed. `""` for streams that are for everybody.
   */
  readonly owner: string;
  /**
   * What the common connection reads, as patterns of topics (`["ward/**"]`): tabs whose `topics` lie within
   * share one connection, and are handed their own topics of it. Everything that the patterns stand for crosses
   * the wire, wanted or not. Needs a Throughline server whose `topics` the reader may all have; towards any other,
   * and by default, only tabs with the same `topics` share.
   */
  readonly topics?: readonly string[] | undefined;
  /**
   * Told what this tab is for a stream, at the beginning of each response and whenever that changes: for a light
   * in a page, or to see in tests that sharing works. `url` is what the source asked for. What it throws is reported
   * as an uncaught error.
   */
  readonly onRole?: ((role: TabRole, url: string) => void) | undefined;
  /** Makes the real requests. Default: the global `fetch`. */
  readonly fetch?: FetchLike | undefined;
}

/**
 * A `fetch` that reads each stream once for all tabs of a browser and origin: pass it to sources as the
 * option `fetch`.
 *
 * Tabs share what is asked for by the same URL, but for the cursor and for `topics` within those of the options, with
 * the same credentials and `owner`. Each
 * has a cursor of its own: it opens a connection, reads on from where it was, and leaves it for that of another tab
 * as soon as both are at the same place. So a server whose events have ids is read exactly once by each tab; events
 * without ids may be missed or come again in the moment of the change. Where no event has an id, every tab keeps
 * its own connection, as it does where the browser lacks Web Locks or BroadcastChannel.
 *
 * The tab that holds the connection may be closed, may crash or be frozen: the others notice as they notice any
 * loss, within 2 s, and go on from their own cursors.
 *
 * @throws StreamError `invalid-option` where `topics` is not a list of patterns
 */
export function shareTabs({ owner, topics, onRole, fetch: base }: ShareOptions): FetchLike {
  checkTopics(topics);
  const plain: FetchLike = base ?? ((url, init) => globalThis.fetch(url, init));
  const locks = (globalThis.navigator as Navigator | undefined)?.locks;
  if (locks === undefined || typeof globalThis.BroadcastChannel !== "function") return plain;
  /** What the server would not answer with all of the common topics. */
  const refused = new Set<string>();

  async function ask(url: string, init: FetchInit, view?: TopicView): Promise<FetchResponse> {
    const response = await plain(url, init);
    const { body } = response;
    if (view !== undefined && isRefusal(response)) {
      refused.add(nameOf(url, init, owner));
      await body?.cancel();
      return ask(view.url, init);
    }
    if (body === null || !isStream(response)) return response;
    const stream = new TabStream({
      name: nameOf(url, init, owner),
      locks: locks as LockManager,
      source: body,
      signal: init.signal,
      view,
      // Later, so that nothing depends on what the application does with it.
      onRole: (role) => queueMicrotask(() => onRole?.(role, view?.url ?? url)),
    });
    const { status, url: finalUrl, headers } = response;
    return { status, url: finalUrl, headers, body: stream.body };
  }

  return async (url, init) => {
    if (!isShareable(url, init)) return plain(url, init);
    const wide = widened(url, topics);
    const isWide = wide !== undefined && !refused.has(nameOf(wide, init, owner));
    return isWide ? ask(wide, init, new TopicView(url)) : ask(url, init);
  };
}

/** Streams are; leases, short responses and whatever else is asked on their behalf are not. */
function isShareable(url: string, { method }: FetchInit): boolean {
  return method === "GET" && !new URL(url).searchParams.has(WAIT_PARAMETER);
}

function isStream({ status, headers }: FetchResponse): boolean {
  return classifyAnswer(status, headers.get("content-type") ?? "") === "stream";
}

/** Whether the common topics cannot be had: they may not be read, or are not told apart. */
function isRefusal(response: FetchResponse): boolean {
  const { status, headers } = response;
  if (status === 400 || status === 403) return true;
  return isStream(response) && headers.get(TOLD_HEADER) !== TELL_TOPICS;
}

/** The same for all who would be sent the same: where they are in the stream makes no difference. */
function nameOf(url: string, { headers, credentials }: FetchInit, owner: string): string {
  const asked = new URL(url);
  asked.searchParams.delete(CURSOR_PARAMETER);
  const told = Object.entries(headers).filter(([header]) => header !== LAST_EVENT_ID_HEADER);
  // Names of locks can be read by every script of the origin: no place for what headers may hold.
  const parts = [owner, asked.href, credentials, told.map(([header]) => header).sort()];
  return `throughline ${JSON.stringify(parts)}`;
}
