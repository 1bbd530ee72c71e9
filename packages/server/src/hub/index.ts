export type { CloseOptions } from "./closing.js";
export type { Extent } from "./frame-cache.js";
export type { Hub, HubStats } from "./hub.js";
export { createHub } from "./hub.js";
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
export type { Published } from "./publishing.js";
export type { RequestContext } from "./request-context.js";
export type { SubscriberEnd } from "./subscriber.js";
