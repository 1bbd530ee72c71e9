// C4: the library's client class, a superset of C3 with a circuit breaker and a polling fallback,
// with the defects the contract records (D19, D22, D23, D25).

import { SSEClient as BasicClient } from "./basic-client.js";

const errorsUntilOpen = 5;
const circuitOpenMs = 60000;

export class SSEClient extends BasicClient {
  constructor(options = {}) {
    super({
      maxRetryDelay: 60000,
      campaignMode: false,
      sessionId: null,
      priorityRecovery: false,
      fallbackEnabled: true,
      fallbackInterval: 30000,
      ...options,
    });
    this.sessionId = this.options.sessionId;
    this.campaignMode = this.options.campaignMode;
    this.fallbackMode = false;
    this.fallbackTimer = null;
    this.connectionStartedAt = null;
    this.downSince = null;
    this.circuitBreaker = { state: "closed", failureCount: 0, nextRetry: null };
    this.healthMetrics = {
      messagesReceived: 0,
      reconnections: 0,
      totalConnectionTime: 0,
      averageLatency: 0,
      totalDowntime: 0,
      uptime: 0,
    };
    this.raiseCampaignLimit();
  }

  connect(url) {
    const circuit = this.circuitBreaker;
    if (circuit.state === "open") {
      if (Date.now() < circuit.nextRetry) {
        this.emit("circuit_breaker_open", { nextRetry: circuit.nextRetry });
        return;
      }
      circuit.state = "half-open";
    }
    super.connect(url);
  }

  handleOpen(event) {
    const now = Date.now();
    if (this.downSince !== null) {
      this.healthMetrics.totalDowntime += now - this.downSince;
      this.healthMetrics.reconnections++;
      this.downSince = null;
    }
    this.connectionStartedAt = now;
    this.markOpen();
    // D25: while the circuit is closed a successful open does not reset the count, and nothing
    // stops the fallback polls.
    if (this.circuitBreaker.state === "half-open") {
      this.circuitBreaker = { state: "closed", failureCount: 0, nextRetry: null };
      this.emit("circuit_breaker_reset", { sessionId: this.sessionId });
    }
    this.emit("connected", {
      event,
      connectionTime: now,
      sessionId: this.sessionId,
      campaignMode: this.campaignMode,
    });
  }

  handleData(name, event) {
    if (name !== "message") {
      super.handleData(name, event);
      return;
    }
    let data;
    try {
      data = JSON.parse(event.data);
    } catch (error) {
      this.emit("error", { error, raw: event.data });
      return;
    }
    this.healthMetrics.messagesReceived++;
    this.emit("message", { ...data, sessionId: this.sessionId, receivedAt: Date.now() });
  }

  handleError(event) {
    this.downSince ??= Date.now();
    const isClosed = this.eventSource?.readyState === EventSource.CLOSED;
    if (isClosed) this.closeSource();
    this.countFailure();
    this.emit(isClosed ? "disconnected" : "error", {
      event,
      error: new Error("Connection interrupted"),
      sessionId: this.sessionId,
      reconnectAttempts: this.reconnectAttempts,
      circuitBreakerState: this.circuitBreaker.state,
      campaignMode: this.campaignMode,
    });
    // D25: with an open circuit nothing is scheduled, now or later.
    if (isClosed && this.circuitBreaker.state !== "open") this.scheduleReconnect();
  }

  countFailure() {
    const circuit = this.circuitBreaker;
    circuit.failureCount++;
    if (circuit.state === "open" || circuit.failureCount < errorsUntilOpen) return;
    circuit.state = "open";
    circuit.nextRetry = Date.now() + circuitOpenMs;
    this.emit("circuit_breaker_opened", {
      failureCount: circuit.failureCount,
      nextRetry: circuit.nextRetry,
      sessionId: this.sessionId,
    });
    this.activateFallbackMode();
  }

  reconnectDelay() {
    const delay = super.reconnectDelay() * (1 + Math.random() * 0.1);
    return Math.min(delay, this.options.maxRetryDelay);
  }

  handleReconnectFailed() {
    this.emit("reconnect-failed", {
      attempts: this.reconnectAttempts,
      fallbackEnabled: this.options.fallbackEnabled,
      sessionId: this.sessionId,
    });
    if (this.options.priorityRecovery) {
      this.emit("extended_recovery_started", { sessionId: this.sessionId });
      this.reconnectAttempts = 0;
      this.reconnectTimer = setTimeout(() => this.connect(), this.options.maxRetryDelay);
    }
    this.activateFallbackMode();
  }

  activateFallbackMode() {
    if (!this.options.fallbackEnabled || this.fallbackMode) return;
    this.fallbackMode = true;
    const interval = this.options.fallbackInterval;
    this.emit("fallback_activated", { interval, sessionId: this.sessionId });
    this.fallbackTimer = setInterval(() => this.pollOnce(), interval);
  }

  stopFallbackMode() {
    if (!this.fallbackMode) return;
    this.fallbackMode = false;
    clearInterval(this.fallbackTimer);
    this.emit("fallback_stopped", { sessionId: this.sessionId });
  }

  async pollOnce() {
    try {
      // D25: only URLs with /stream/ in them change; all others poll the stream itself, and wait
      // for the end of a response that has none.
      const response = await fetch(this.url.replace("/stream/", "/poll/"), {
        credentials: "include",
      });
      this.emit("fallback_data", await response.json());
    } catch (error) {
      this.emit("fallback_offline", { error, sessionId: this.sessionId });
    }
  }

  enableCampaignMode(sessionId) {
    this.campaignMode = true;
    this.sessionId = sessionId ?? this.sessionId;
    this.raiseCampaignLimit();
    this.emit("campaign_mode_enabled", { sessionId: this.sessionId });
  }

  disableCampaignMode() {
    this.campaignMode = false;
    this.options.maxReconnectAttempts = 5;
    this.emit("campaign_mode_disabled", { sessionId: this.sessionId });
  }

  raiseCampaignLimit() {
    if (this.campaignMode) this.options.maxReconnectAttempts = 20;
  }

  cleanup() {
    this.disconnect();
    this.stopFallbackMode();
    this.emit("cleanup_complete", { sessionId: this.sessionId });
    this.listeners.clear();
  }

  getStatus() {
    return {
      ...super.getStatus(),
      sessionId: this.sessionId,
      campaignMode: this.campaignMode,
      connectionQuality: this.connectionQuality(),
      fallbackMode: this.fallbackMode,
      circuitBreaker: { ...this.circuitBreaker },
      healthMetrics: { ...this.healthMetrics, uptime: this.uptime() },
    };
  }

  getHealthReport() {
    const { totalDowntime, ...performance } = this.healthMetrics;
    const uptime = this.uptime();
    const observed = uptime + totalDowntime;
    return {
      timestamp: Date.now(),
      sessionId: this.sessionId,
      connection: {
        status: this.isConnected ? "connected" : "disconnected",
        quality: this.connectionQuality(),
        uptime,
        totalDowntime,
        reliability: observed > 0 ? uptime / observed : 0,
      },
      performance,
      circuitBreaker: { ...this.circuitBreaker },
      fallback: {
        mode: this.fallbackMode,
        enabled: this.options.fallbackEnabled,
        interval: this.options.fallbackInterval,
      },
      campaign: {
        mode: this.campaignMode,
        maxReconnectAttempts: this.options.maxReconnectAttempts,
      },
    };
  }

  uptime() {
    return this.isConnected ? Date.now() - this.connectionStartedAt : 0;
  }

  connectionQuality() {
    if (!this.isConnected) return "disconnected";
    return this.circuitBreaker.failureCount === 0 ? "excellent" : "fair";
  }
}
