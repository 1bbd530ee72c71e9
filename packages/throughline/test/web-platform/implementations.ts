/** The two classes that every case is run on: the browser's own, and the one of this package. */
export const implementations = ["native", "drop-in"] as const;

/** Names one of the two classes; also the first folder of every page and script that uses it. */
export type Implementation = (typeof implementations)[number];
