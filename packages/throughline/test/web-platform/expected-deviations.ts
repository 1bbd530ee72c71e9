import type { BrowserName } from "@throughline/browsers";
import type { Implementation } from "./implementations.js";

/** A case that an implementation fails, known by its name, in every scope in which it runs. */
export interface Deviation {
  readonly name: string;
  /** What the failing assertion says, so that the case cannot fail for another reason unnoticed. */
  readonly message: RegExp;
}

/** The source is trying again where the suite has it closed. */
const retries = /got \["error CONNECTING"\]$/;

/** What `docs/deviations.md` has under "Not offered". */
const notOffered: Deviation = {
  name: "sources can be made from a ReadableStream",
  message: /got "undefined"$/,
};

/** What it has under "The browser's URL parser". */
const hostWithSpaces: Deviation = {
  name: "a URL with spaces in its host throws a SyntaxError",
  message: /^a DOMException was thrown: expected true, got false$/,
};

/** What it has under "The browser's back/forward cache". */
const uncachedPage: Deviation = {
  name: "the connection ends while the page is in the back/forward cache, and comes back with it",
  message: /got \[0,1,0\]$/,
};

/** No browser sends a preflight for a source. */
const noPreflights: readonly Deviation[] = [
  {
    name: "a Last-Event-ID that is too long goes to another origin after a preflight",
    message: /got \["first","\{\\"header\\":\\"a{255}\\"\}"\]$/,
  },
  {
    name: "a Last-Event-ID that is of unsafe characters goes to another origin after a preflight",
    message: /got \["first","\{\\"header\\":\\"e5p3n<3k0k0s\\"\}"\]$/,
  },
];

/** What the drop-in does otherwise in every browser. */
const ofDropIn: readonly Deviation[] = [
  notOffered,
  { name: "message events are trusted", message: /^isTrusted: expected true, got false$/ },
  { name: "a status that is not 200 fails the connection for good: 503", message: retries },
  {
    name: "a status that is not 200 fails the connection for good, also on a reconnect: 404",
    message: /got \["error CONNECTING","error CONNECTING","error CONNECTING"\]$/,
  },
  {
    name: "the connection fails for good where the server allows another origin",
    message: retries,
  },
  {
    name: "the connection fails for good where the server allows an empty origin",
    message: retries,
  },
  {
    name: "the connection fails for good where the server says nothing of origins",
    message: retries,
  },
  {
    name: "the connection fails for good where the server says nothing of credentials",
    message: retries,
  },
  {
    name: "a Last-Event-ID that is safe goes to another origin without a preflight",
    message: /got \["first","\{\\"header\\":\\"abc\\",\\"preflight\\":\\"last-event-id\\"\}"\]$/,
  },
  {
    name: "a server of another origin that refuses preflights is shown the last id all the same",
    message: /^Last-Event-ID of the second request: expected "abc", got ""$/,
  },
  { name: "window.stop() closes a source that is connecting, for good", message: retries },
];

/**
 * What each implementation is known to fail.
 *
 * The browser's list is what it does not do as the suite asserts; nobody can have come to rely on
 * that. The drop-in may fail only what the browser fails, and what stands in its own list; why it
 * deviates there is in `docs/deviations.md`.
 */
export const deviations: Readonly<
  Record<BrowserName, Readonly<Record<Implementation, readonly Deviation[]>>>
> = {
  chromium: {
    native: [
      notOffered,
      hostWithSpaces,
      {
        name: "the stream is UTF-8 even where the media type says otherwise",
        message: /got \["error CLOSED"\]$/,
      },
      ...noPreflights,
      { ...uncachedPage, message: /got \[0,1\]$/ },
    ],
    "drop-in": [...ofDropIn, hostWithSpaces],
  },
  firefox: {
    native: [notOffered, ...noPreflights, uncachedPage],
    "drop-in": [...ofDropIn, uncachedPage],
  },
};
