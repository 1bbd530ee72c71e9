export type { CloseOptions } from "./closing.js";
export type { Extent } from "./frame-cache.js";
export type { Hub, HubStats } from "./hub.js";
export { createHub } from "./hub.js";
export type { HubErrorContext, HubErrorListener, HubOptions } from "./options.js";
export type { Published } from "./publishing.js";
