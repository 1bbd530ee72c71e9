// C1: the client class behind most panels of the dashboard, with the defects the contract records
// (D18 to D22, D24). Code that looks wrong here is wrong on purpose; the D-number says which defect
// it is. Nothing in this folder may be mended to make a test pass.

const stageDescriptions = {
  data_collection: "Collecting data",
  sentiment_analysis: "Analysing sentiment",
  strategic_analysis: "Working out the strategy",
  report_generation: "Writing the report",
};

export class EnhancedSSEClient {
  constructor(options = {}) {
    this.options = {
      baseUrl: "/api/v1/strategist",
      maxRetries: 5,
      retryBaseDelay: 1000,
      maxRetryDelay: 30000,
      heartbeatInterval: 30000,
      connectionTimeout: 10000,
      ...options,
    };
    this.eventSource = null;
    this.isConnected = false;
    this.retryCount = 0;
    this.lastHeartbeat = null;
    this.lastConnectionParams = null;
    this.retryTimer = null;
    this.connectionTimer = null;
    this.heartbeatTimer = null;
    this.downSince = null;
    this.metrics = {
      connectionAttempts: 0,
      messagesReceived: 0,
      reconnections: 0,
      totalDowntime: 0,
      lastConnectionTime: null,
      averageLatency: 0,
    };
    this.listeners = {
      connect: [],
      disconnect: [],
      error: [],
      analysis: [],
      confidence: [],
      progress: [],
      intelligence: [],
      alert: [],
      heartbeat: [],
    };
  }

  connect(ward, options = {}) {
    if (this.eventSource) this.disconnect();
    const url = this.buildUrl(ward, options);
    this.lastConnectionParams = { ward, options };
    this.metrics.connectionAttempts++;

    const source = new EventSource(url, { withCredentials: true });
    this.eventSource = source;
    source.onopen = () => this.handleOpen();
    source.onmessage = (event) => this.handleMessage(event);
    // D20: the failed source stays open while the retry timer of this class runs.
    source.onerror = (event) => this.handleError(event);
    this.listenToNamedEvents(source);

    // D21: only a successful open clears this timer; neither disconnect() nor a failure does.
    this.connectionTimer = setTimeout(() => {
      if (!this.isConnected) this.handleError(new Error("Connection timeout"));
    }, this.options.connectionTimeout);
  }

  disconnect() {
    clearTimeout(this.retryTimer);
    clearInterval(this.heartbeatTimer);
    this.eventSource?.close();
    this.eventSource = null;
    this.isConnected = false;
    this.emit("disconnect", { reason: "manual_disconnect" });
  }

  reconnect() {
    if (!this.lastConnectionParams) return;
    const { ward, options } = this.lastConnectionParams;
    this.connect(ward, options);
  }

  on(name, callback) {
    // A name without a prepared list is dropped without a word.
    this.listeners[name]?.push(callback);
  }

  off(name, callback) {
    const list = this.listeners[name];
    const index = list ? list.indexOf(callback) : -1;
    if (index >= 0) list.splice(index, 1);
  }

  emit(name, payload) {
    for (const callback of [...(this.listeners[name] ?? [])]) {
      try {
        callback(payload);
      } catch (error) {
        console.error(`listener of ${name} failed`, error);
      }
    }
  }

  getMetrics() {
    const connectedAt = this.metrics.lastConnectionTime;
    return {
      ...this.metrics,
      isConnected: this.isConnected,
      retryCount: this.retryCount,
      uptime: this.isConnected && connectedAt ? Date.now() - connectedAt : 0,
    };
  }

  getStatus() {
    return {
      connected: this.isConnected,
      retrying: !this.isConnected && this.retryCount > 0,
      failed: this.retryCount >= this.options.maxRetries,
      lastHeartbeat: this.lastHeartbeat,
      metrics: this.getMetrics(),
    };
  }

  assessConnectionHealth() {
    const { uptime, reconnections, totalDowntime } = this.getMetrics();
    const silence = this.lastHeartbeat ? Date.now() - this.lastHeartbeat : null;
    const interval = this.options.heartbeatInterval;
    const factors = {
      heartbeatHealth: silence === null ? 0.5 : Math.max(0, 1 - silence / (interval * 3)),
      uptimeRatio: uptime + totalDowntime > 0 ? uptime / (uptime + totalDowntime) : 0,
      connectionStability: Math.max(0, 1 - reconnections / 10),
    };
    const score = (factors.heartbeatHealth + factors.uptimeRatio + factors.connectionStability) / 3;
    const [status, description] = this.isConnected
      ? rateHealth(score)
      : ["unhealthy", "Not connected"];
    return {
      status,
      description,
      score,
      factors,
      metrics: {
        timeSinceLastHeartbeat: silence,
        totalReconnections: reconnections,
        totalDowntime,
        uptime,
      },
    };
  }

  classifyError(error) {
    const text = String(error?.message ?? "").toLowerCase();
    if (text.includes("timeout")) return "timeout";
    if (text.includes("401") || text.includes("403")) return "auth";
    if (text.includes("429")) return "rate_limit";
    if (text.includes("500") || text.includes("503")) return "server_error";
    if (error?.type === "error" || text.includes("network")) return "network";
    return "unknown";
  }

  buildUrl(ward, { mode = "stream", priority = "all", since = "", depth, context }) {
    if (!["stream", "intelligence", "feed"].includes(mode)) {
      throw new Error(`Unknown connection mode: ${mode}`);
    }
    // D24: nobody ever fills `since`.
    const query = new URLSearchParams({ ward, priority, since });
    if (mode === "stream") {
      query.set("depth", depth ?? "standard");
      query.set("context", context ?? "neutral");
    }
    return `${this.options.baseUrl}/feed?${query}`;
  }

  handleOpen() {
    clearTimeout(this.connectionTimer);
    this.isConnected = true;
    if (this.retryCount > 0) this.metrics.reconnections++;
    if (this.downSince !== null) this.metrics.totalDowntime += Date.now() - this.downSince;
    this.downSince = null;
    // D10: an answer that opens and closes at once makes the retry budget endless here.
    this.retryCount = 0;
    this.metrics.lastConnectionTime = Date.now();
    this.watchHeartbeat();
    this.emit("connect", { timestamp: new Date(), metrics: this.getMetrics() });
  }

  handleMessage(event) {
    this.metrics.messagesReceived++;
    let message;
    try {
      message = JSON.parse(event.data);
    } catch {
      return;
    }
    // D18: every other type, so all that the server really sends, ends here.
    if (message.type === "status") this.emit("status", message);
    else if (message.type === "error") this.emit("server_error", message);
  }

  handleError(error) {
    this.isConnected = false;
    this.downSince ??= Date.now();
    const willRetry = this.retryCount < this.options.maxRetries;
    this.emit("error", {
      error: error?.message ?? "Connection error",
      timestamp: Date.now(),
      retryCount: this.retryCount,
      willRetry,
      connectionAttempts: this.metrics.connectionAttempts,
      totalDowntime: this.currentDowntime(),
      errorType: this.classifyError(error),
    });
    // D20, D22: every error takes one retry from the budget, whoever is going to reconnect.
    if (willRetry) this.scheduleRetry();
    else this.giveUp(error);
  }

  scheduleRetry() {
    const { retryBaseDelay, maxRetryDelay } = this.options;
    const exponential = retryBaseDelay * 2 ** this.retryCount;
    const delay = Math.min(exponential * (1 + Math.random() * 0.1), maxRetryDelay);
    this.retryCount++;
    // A timer that waits already is overwritten, not cleared: both will fire.
    this.retryTimer = setTimeout(() => this.reconnect(), delay);
  }

  giveUp(error) {
    clearTimeout(this.retryTimer);
    this.emit("disconnect", {
      reason: "max_retries_exceeded",
      totalRetries: this.retryCount,
      finalError: error?.message ?? "Connection error",
      totalDowntime: this.currentDowntime(),
      suggestion: "Check the network connection and reload the page",
    });
  }

  currentDowntime() {
    const current = this.downSince === null ? 0 : Date.now() - this.downSince;
    return this.metrics.totalDowntime + current;
  }

  watchHeartbeat() {
    clearInterval(this.heartbeatTimer);
    const interval = this.options.heartbeatInterval;
    this.heartbeatTimer = setInterval(() => {
      const health = this.assessConnectionHealth();
      this.emit("connection-health", health);
      if (health.status === "poor") this.emit("connection-degraded", health);
      // D19: only a named heartbeat event sets the field, and the server sends none.
      if (this.lastHeartbeat === null) return;
      if (Date.now() - this.lastHeartbeat > interval * 2.5) {
        this.handleError(new Error("Heartbeat timeout"));
      }
    }, interval);
  }

  listenToNamedEvents(source) {
    const named = (name, emitted, enrich) =>
      source.addEventListener(name, (event) => {
        this.metrics.messagesReceived++;
        try {
          const data = JSON.parse(event.data);
          this.emit(emitted, { ...data, receivedAt: Date.now(), ...enrich(data) });
        } catch (error) {
          console.error(`event ${name} could not be handled`, error);
        }
      });

    named("multimodel-analysis", "analysis", (data) => ({
      latency: this.recordLatency(data),
      analysisQuality: data.confidence >= 0.8 ? "high" : "standard",
    }));
    named("confidence-update", "confidence", (data) => ({
      trend: "stable",
      // No such method exists, so the event is never emitted.
      reliability: this.assessReliability(data),
    }));
    named("analysis-progress", "progress", (data) => ({
      eta: Math.round((1 - (data.progress ?? 0)) * 30),
      stageDescription: stageDescriptions[data.stage] ?? "Working",
    }));
    named("intelligence-brief", "intelligence", (data) => ({
      priority: data.urgent ? "high" : "medium",
      actionableItems: data.recommendations ?? [],
    }));
    named("priority-alert", "alert", (data) => ({
      urgency: data.severity === "critical" ? "critical" : "standard",
      recommendedActions: data.actions ?? [],
    }));
    source.addEventListener("heartbeat", (event) => {
      this.lastHeartbeat = Date.now();
      try {
        const data = JSON.parse(event.data);
        const latency = this.recordLatency(data);
        this.emit("heartbeat", { ...data, localTime: Date.now(), latency });
      } catch {
        this.emit("heartbeat", { localTime: Date.now() });
      }
    });
  }

  recordLatency(data) {
    // Seconds, naive text and milliseconds are all taken for milliseconds.
    const latency = Date.now() - new Date(data.timestamp).getTime();
    if (!Number.isNaN(latency)) {
      const previous = this.metrics.averageLatency;
      this.metrics.averageLatency = previous ? (previous + latency) / 2 : latency;
    }
    return latency;
  }
}

function rateHealth(score) {
  if (score >= 0.9) return ["excellent", "Stable connection"];
  if (score >= 0.7) return ["good", "Connection with few interruptions"];
  if (score >= 0.5) return ["fair", "Connection with interruptions"];
  return ["poor", "Unstable connection"];
}
