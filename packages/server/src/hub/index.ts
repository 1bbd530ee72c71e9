export type {
  AccessAnswer,
  AccessDenial,
  AccessGrant,
  AccessRequest,
  Authorize,
} from "./access.js";
export type { AccessOptions } from "./access-options.js";
export type { CloseOptions } from "./closing.js";
export type { CorsOptions } from "./cors.js";
export type { RawRequest } from "./exchange.js";
export type { Extent } from "./frame-cache.js";
export type { Hub, HubStats } from "./hub.js";
export { createHub } from "./hub.js";
export { leanServer } from "./lean-server.js";
export type { LimitOptions } from "./limits/limit-options.js";
export type { ForwardedHeader } from "./limits/remote-address.js";
export { hubServerOptions, limitServer, SERVER_LIMITS } from "./limits/server-limits.js";
export type { Rate } from "./limits/token-buckets.js";
export type { NodeRequest, NodeResponse } from "./node-adapter.js";
export type {
  ConnectionClosed,
  ConnectionOpened,
  EventsDelivered,
  EventsPublished,
  GapTold,
  HubNotice,
  HubObserver,
  ReaderFellBack,
  ReaderRecovered,
  ReplayFinished,
  RequestRefused,
  TailsReopened,
} from "./observer.js";
export type { HubErrorContext, HubErrorListener, HubOptions } from "./options.js";
export type { HubPeers, LeaseRenewal, LimitUse, PeerAnswer } from "./peers.js";
export type { Published } from "./publishing.js";
export type { RequestContext } from "./request-context.js";
export type { FreshStart, ServedReader, ServedStream } from "./served.js";
export { isServedRenewal, LEASE_PARAMETER } from "./served.js";
export type { HubSession } from "./session.js";
export type { Remark } from "./stream-text.js";
export type { SubscriberEnd } from "./subscriber.js";
export type { FetchContext } from "./web-adapter.js";
