// One way to start, stop and ask each of the application's classes, so that a scenario can be
// written once for all of them. A driver adds nothing to the behaviour of its class.

import {
  BasicSSEClient,
  CampaignSSEClient,
  EnhancedSSEClient,
  MobileOptimizedSSEClient,
  OptimizedSSEManager,
  openIntelligenceFeed,
  TimelineSSEManager,
} from "./clients/index.js";

/** The classes: C1, C2, C3, C4, H4, H6, H5, and the source of the chat component. */
export type ClientKind =
  | "enhanced"
  | "mobile"
  | "basic"
  | "campaign"
  | "timeline"
  | "optimized"
  | "feed"
  | "chat";

/** What a scenario may say about a client. */
export interface ClientSetup {
  readonly kind: ClientKind;
  /** In front of every path; empty where the page is of that origin. */
  readonly baseUrl: string;
  /** Default `Jubilee Hills`. */
  readonly ward?: string | undefined;
  /** The URL for the classes that take one; default the feed of the ward. */
  readonly path?: string | undefined;
  /** Options of the class that differ from its defaults. */
  readonly options?: Readonly<Record<string, unknown>> | undefined;
}

/** A class under a scenario. */
export interface Driver {
  start(): void;
  stop(): void;
  status(): unknown;
  /** The public method of that name, where the class has one. */
  call(method: string, args: readonly unknown[]): unknown;
}

/** Receives whatever a class emits, calls back or changes. */
export type Emit = (name: string, payload: unknown) => void;

const enhancedNames = [
  "connect",
  "disconnect",
  "error",
  "analysis",
  "confidence",
  "progress",
  "intelligence",
  "alert",
  "heartbeat",
  "status",
  "server_error",
];
const basicNames = [
  "connected",
  "disconnected",
  "error",
  "message",
  "strategist-analysis",
  "analysis-progress",
  "analysis-complete",
  "heartbeat",
  "heartbeat-timeout",
  "reconnect-failed",
];
const campaignNames = [
  ...basicNames,
  "circuit_breaker_open",
  "circuit_breaker_opened",
  "circuit_breaker_reset",
  "fallback_activated",
  "fallback_data",
  "fallback_stopped",
  "fallback_offline",
  "extended_recovery_started",
  "campaign_mode_enabled",
  "campaign_mode_disabled",
  "cleanup_complete",
];
const timelineNames = ["connection", "timeline_event", "bulk_update", "heartbeat", "message"];

/** Makes the class of the setup, with a listener on everything it can say. */
export function createDriver(setup: ClientSetup, emit: Emit): Driver {
  const { kind, baseUrl, ward = "Jubilee Hills", options = {} } = setup;
  const path = setup.path ?? `/api/v1/strategist/feed?${new URLSearchParams({ ward })}`;
  const url = `${baseUrl}${path}`;
  switch (kind) {
    case "enhanced":
    case "mobile": {
      const Client = kind === "enhanced" ? EnhancedSSEClient : MobileOptimizedSSEClient;
      const client = new Client({ baseUrl: `${baseUrl}/api/v1/strategist`, ...options });
      for (const name of enhancedNames) client.on(name, (payload) => emit(name, payload));
      return {
        start: () => void client.connect(ward, { mode: "feed" }),
        stop: () => client.disconnect(),
        status: () => client.getStatus(),
        call: (method, args) => callMethod(client, method, args),
      };
    }
    case "basic":
    case "campaign": {
      const client =
        kind === "basic"
          ? new BasicSSEClient({ url, ...options })
          : new CampaignSSEClient({ url, ...options });
      const names = kind === "basic" ? basicNames : campaignNames;
      for (const name of names) client.on(name, (payload) => emit(name, payload));
      return {
        start: () => client.connect(),
        stop: () => client.disconnect(),
        status: () => client.getStatus(),
        call: (method, args) => callMethod(client, method, args),
      };
    }
    case "timeline": {
      const manager = new TimelineSSEManager({ baseUrl, ...options });
      for (const name of timelineNames) manager.on(name, (payload) => emit(name, payload));
      return {
        start: () => {
          manager.connect(ward).then(
            () => emit("resolved", undefined),
            (error) => emit("rejected", error),
          );
        },
        stop: () => manager.disconnect(),
        status: () => manager.getState(),
        call: (method, args) => callMethod(manager, method, args),
      };
    }
    case "optimized": {
      const manager = new OptimizedSSEManager();
      return {
        start: () => {
          manager.connect(url, {
            onMessage: (message) => emit("message", message),
            onError: (event) => emit("error", event),
            onStateChange: (state) => emit("state", state),
          });
        },
        stop: () => manager.disconnectAll(),
        status: () => manager.getConnectionStats(),
        call: (method, args) => callMethod(manager, method, args),
      };
    }
    case "feed": {
      let feed: ReturnType<typeof openIntelligenceFeed> | undefined;
      return {
        start: () => {
          feed = openIntelligenceFeed({
            ward,
            baseUrl,
            onChange: (state) => emit("change", state),
          });
        },
        stop: () => feed?.stop(),
        status: () => feed?.getState(),
        call: (method, args) => callMethod(feed, method, args),
      };
    }
    case "chat": {
      let source: EventSource | undefined;
      return {
        start: () => {
          source = openChat(url, emit);
        },
        stop: () => source?.close(),
        status: () => ({ readyState: source?.readyState }),
        call: (method, args) => callMethod(source, method, args),
      };
    }
  }
}

/** What the chat component does: no credentials flag, and it closes itself on the first error. */
function openChat(url: string, emit: Emit): EventSource {
  const source = new EventSource(url);
  source.onmessage = (event) => emit("message", JSON.parse(event.data));
  source.onerror = (event) => {
    source.close();
    emit("error", event);
  };
  return source;
}

function callMethod(target: object | undefined, method: string, args: readonly unknown[]): unknown {
  const found: unknown = target === undefined ? undefined : Reflect.get(target, method);
  if (typeof found !== "function") throw new Error(`the class has no method ${method}`);
  return Reflect.apply(found, target, args);
}
