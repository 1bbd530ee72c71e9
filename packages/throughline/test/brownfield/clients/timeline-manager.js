// H4: the manager behind the timeline chart, with the defects the contract records (D19, D29).

export class TimelineSSEManager {
  constructor(options = {}) {
    this.options = {
      baseUrl: "http://localhost:5000",
      maxRetries: 5,
      retryDelay: 1000,
      heartbeatInterval: 30000,
      reconnectDelay: 2000,
      ...options,
    };
    this.eventSource = null;
    this.connectionState = "disconnected";
    this.isConnecting = false;
    this.retryCount = 0;
    this.lastEventTime = null;
    this.lastHeartbeat = null;
    this.reconnectTimer = null;
    this.heartbeatTimer = null;
    this.listeners = new Map();
  }

  connect(ward, options = {}) {
    // D29: disconnect() does not reset the flag, so a manager stopped early never connects again.
    if (this.isConnecting) return Promise.resolve();
    this.isConnecting = true;

    return new Promise((resolve, reject) => {
      // D29: the source before this one, which may well be reconnecting by itself, stays open.
      const source = new EventSource(this.buildUrl(ward, options), { withCredentials: true });
      this.eventSource = source;

      source.onopen = () => {
        this.isConnecting = false;
        this.retryCount = 0;
        this.lastHeartbeat = Date.now();
        this.watchHeartbeat();
        this.changeState("connected", { ward });
        resolve();
      };
      source.onmessage = (event) => this.handleData("message", event);
      for (const name of ["timeline_event", "bulk_update"]) {
        source.addEventListener(name, (event) => this.handleData(name, event));
      }
      source.addEventListener("heartbeat", (event) => {
        this.lastHeartbeat = Date.now();
        this.emit("heartbeat", JSON.parse(event.data));
      });
      source.onerror = () => {
        this.isConnecting = false;
        const isClosed = source.readyState === EventSource.CLOSED;
        this.changeState("error", { message: isClosed ? "Connection closed" : "Connection lost" });
        this.scheduleReconnect(ward, options);
        reject(new Error("Timeline stream failed"));
      };
    });
  }

  disconnect() {
    clearTimeout(this.reconnectTimer);
    clearInterval(this.heartbeatTimer);
    this.eventSource?.close();
    this.eventSource = null;
    this.changeState("disconnected");
  }

  on(name, callback) {
    if (!this.listeners.has(name)) this.listeners.set(name, new Set());
    this.listeners.get(name).add(callback);
    return () => this.off(name, callback);
  }

  off(name, callback) {
    this.listeners.get(name)?.delete(callback);
  }

  emit(name, payload) {
    for (const callback of [...(this.listeners.get(name) ?? [])]) callback(payload);
  }

  getState() {
    return {
      connectionState: this.connectionState,
      retryCount: this.retryCount,
      lastEventTime: this.lastEventTime,
      isConnected: this.connectionState === "connected",
    };
  }

  buildUrl(ward, { includeHistorical = true, bufferSize = 50, eventTypes, since }) {
    const query = new URLSearchParams({
      ward,
      stream_type: "timeline",
      include_historical: String(includeHistorical),
      buffer_size: String(bufferSize),
    });
    if (eventTypes?.length) query.set("event_types", eventTypes.join(","));
    if (since) query.set("since", since);
    // D13: the server answers this path with a JSON report.
    return `${this.options.baseUrl}/api/v1/strategist/stream?${query}`;
  }

  handleData(name, event) {
    this.lastEventTime = Date.now();
    let data;
    try {
      data = JSON.parse(event.data);
    } catch (error) {
      console.error(`event ${name} could not be read`, error);
      return;
    }
    this.emit(name, data);
  }

  scheduleReconnect(ward, options) {
    if (this.retryCount >= this.options.maxRetries) {
      this.changeState("failed", { retryCount: this.retryCount });
      return;
    }
    const delay = this.options.retryDelay * 2 ** this.retryCount;
    this.retryCount++;
    this.changeState("reconnecting", { attempt: this.retryCount, delay });
    this.reconnectTimer = setTimeout(() => {
      // The rejection is reported by the `connection` listeners already.
      this.connect(ward, options).catch(() => {});
    }, delay);
  }

  watchHeartbeat() {
    clearInterval(this.heartbeatTimer);
    const interval = this.options.heartbeatInterval;
    this.heartbeatTimer = setInterval(() => {
      const silence = Date.now() - this.lastHeartbeat;
      // D19: data does not count as a sign of life, and a stale stream is only reported.
      if (silence > interval * 2) this.changeState("stale", { silence });
    }, interval);
  }

  changeState(state, details = {}) {
    this.connectionState = state;
    this.emit("connection", { state, ...details });
  }
}
