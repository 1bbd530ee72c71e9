// What clients of others are known not to do, as of the versions that package.json names.

/** The name of a case, and what the client does in it. */
type Failures = Readonly<Record<string, string>>;

/** For each client. */
export const KNOWN_FAILURES: Readonly<Record<string, Failures>> = {
  "drop-in": {},
  "eventsource 4": {
    "keeps an id for the events after it, until another comes, or an empty one":
      "an event without an id of its own is handed out without one",
    "overlooks an id with NUL in it": "the same",
    "takes the id of a block without data": "it shows the id of the last event",
    "shows an id with letters outside of ASCII as UTF-8":
      "it gives the id to fetch as it is, which refuses it, and never comes back",
    "comes back after a 503 on a reconnect, which is what a proxy says while a server restarts":
      "as the standard has it: it is closed for good",
    "does not come back sooner than Retry-After says": "it does not come back at all",
    "gives up a reconnect that is accepted and never answered, and asks again":
      "it waits for the answer for as long as fetch does, five minutes",
    "takes a stream for dead that is silent for longer than its server has announced":
      "it waits for ever",
    "asks less and less often where streams open and close at once":
      "it asks dozens of times a second",
  },
  "eventsource-client 1": {
    "takes the id of a block without data": "it shows the id of the last event",
    "shows an id with letters outside of ASCII as UTF-8":
      "it gives the id to fetch as it is, which refuses it, and never comes back",
    "does not come back after a first answer of 404": "it asks again after two seconds",
    "does not come back after a first answer of another type": "it asks again after two seconds",
    "does not come back sooner than Retry-After says": "it comes back as after any end",
    "gives up a reconnect that is accepted and never answered, and asks again":
      "it waits for the answer for as long as fetch does, five minutes",
    "takes a stream for dead that is silent for longer than its server has announced":
      "it waits for ever",
    "asks less and less often where streams open and close at once":
      "it asks dozens of times a second",
  },
};
