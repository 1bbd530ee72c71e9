export type { CloseOptions } from "./closing.js";
export type { Extent } from "./frame-cache.js";
export type { Hub, HubStats, Published } from "./hub.js";
export { createHub } from "./hub.js";
export type { LimitOptions } from "./limits/limit-options.js";
export type { ForwardedHeader } from "./limits/remote-address.js";
export type { Rate } from "./limits/token-buckets.js";
export type { HubErrorContext, HubErrorListener, HubOptions } from "./options.js";
export type { FetchContext } from "./web-adapter.js";
