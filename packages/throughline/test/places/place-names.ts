/** Where in a browser a source can be. */
export const places = [
  "window",
  "dedicated-worker",
  "module-worker",
  "shared-worker",
  "shared-module-worker",
] as const;

export type Place = (typeof places)[number];
