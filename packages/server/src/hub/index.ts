export type { CloseOptions } from "./closing.js";
export type { Extent } from "./frame-cache.js";
export type { Hub, HubStats, Published } from "./hub.js";
export { createHub } from "./hub.js";
export type { NodeRequest, NodeResponse } from "./node-adapter.js";
export type { HubErrorContext, HubErrorListener, HubOptions } from "./options.js";
