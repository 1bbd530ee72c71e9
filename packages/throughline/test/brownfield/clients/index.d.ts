// The public interface of the application's client classes, as its hooks and components use it.

type Listener = (payload: unknown) => void;
type Options = Readonly<Record<string, unknown>>;

/**
 * C1. Emits connect, disconnect, error, analysis, confidence, progress, intelligence, alert and
 * heartbeat.
 */
export declare class EnhancedSSEClient {
  constructor(options?: Options);
  readonly options: Options;
  readonly eventSource: EventSource | null;
  readonly isConnected: boolean;
  readonly retryCount: number;
  readonly lastHeartbeat: number | null;
  readonly lastConnectionParams: { readonly ward: string; readonly options: Options } | null;
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly listeners: Readonly<Record<string, readonly Listener[]>>;
  connect(ward: string, options?: Options): unknown;
  disconnect(): void;
  reconnect(): void;
  on(name: string, callback: Listener): void;
  off(name: string, callback: Listener): void;
  emit(name: string, payload: unknown): void;
  getMetrics(): Readonly<Record<string, unknown>>;
  getStatus(): Readonly<Record<string, unknown>>;
  assessConnectionHealth(): Readonly<Record<string, unknown>>;
  classifyError(error: unknown): string;
}

/** C2. As C1, and emits unnamed messages by their `type`. */
export declare class MobileOptimizedSSEClient extends EnhancedSSEClient {
  readonly networkQuality: string;
  readonly batteryLevel: number;
  readonly isBackgrounded: boolean;
  readonly deviceInfo: Readonly<Record<string, unknown>>;
  readonly messageQueue: readonly unknown[];
  override connect(ward: string, options?: Options): Promise<void>;
  checkNetworkQuality(): Promise<string>;
  getConnectionType(): string;
  shouldUseCompression(size?: number): boolean;
  getMaxMessageSize(): number;
  getMobileMetrics(): Readonly<Record<string, unknown>>;
  restartHeartbeatMonitoring(): void;
}

/** C3. Emits connected, disconnected, error, message, heartbeat-timeout and reconnect-failed. */
export declare class BasicSSEClient {
  constructor(options?: Options);
  connect(url?: string): void;
  disconnect(): void;
  on(name: string, callback: Listener): () => void;
  off(name: string, callback: Listener): void;
  emit(name: string, payload: unknown): void;
  getStatus(): Readonly<Record<string, unknown>>;
  send(): void;
}

/** C4. As C3, with a circuit breaker, a polling fallback and a campaign mode. */
export declare class CampaignSSEClient extends BasicSSEClient {
  getHealthReport(): Readonly<Record<string, unknown>>;
  enableCampaignMode(sessionId?: string): void;
  disableCampaignMode(): void;
  activateFallbackMode(): void;
  stopFallbackMode(): void;
  cleanup(): void;
}

/** H4. Emits connection, timeline_event, bulk_update, heartbeat, message. */
export declare class TimelineSSEManager {
  constructor(options?: Options);
  connect(ward: string, options?: Options): Promise<void>;
  disconnect(): void;
  on(name: string, callback: Listener): () => void;
  off(name: string, callback: Listener): void;
  getState(): Readonly<Record<string, unknown>>;
}

/** H6. Calls back for messages, errors and changes of state. */
export declare class OptimizedSSEManager {
  connect(
    url: string,
    options?: {
      readonly eventTypes?: readonly string[] | undefined;
      readonly onMessage?: Listener | undefined;
      readonly onError?: Listener | undefined;
      readonly onStateChange?: Listener | undefined;
    },
  ): unknown;
  disconnect(url: string): void;
  disconnectAll(): void;
  getConnectionStats(): Readonly<Record<string, unknown>>;
}

/** H5. The hook's state and the function that its unmount calls. */
export declare function openIntelligenceFeed(options: {
  readonly ward: string;
  readonly priority?: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly onChange?: Listener | undefined;
}): { getState(): Readonly<Record<string, unknown>>; stop(): void };
