// The settings of the commands that talk to a hub.

import { text, type ValuesOf } from "./setting.js";

/** Which hub, and who asks. */
export const CLIENT_SETTINGS = {
  url: text({
    about: "Where the hub is: what stands before /streams.",
    fallback: "http://127.0.0.1:8081",
    expected: "an address that begins with http:// or https://, without a query",
    pattern: /^https?:\/\/[^\s?#]+$/,
  }),
  tokenEnv: text({
    about:
      "The environment variable with the bearer token that the hub is asked with, if it is set.",
    fallback: "THROUGHLINE_TOKEN",
    expected: "the name of an environment variable",
    pattern: /^[A-Za-z_][A-Za-z0-9_]*$/,
  }),
  tokenFile: text({
    about:
      "A file with the bearer token, instead. It is read anew for every request, so that a token " +
      "that has been renewed is taken up.",
    fallback: undefined,
    expected: "a path",
    pattern: /^[^\0]+$/,
  }),
} as const;

/** The values of {@link CLIENT_SETTINGS}. */
export type ClientConfig = ValuesOf<typeof CLIENT_SETTINGS>;
