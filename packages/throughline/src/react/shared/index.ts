export type { ShareOptions } from "./share-event-source.js";
export { shareEventSource } from "./share-event-source.js";
