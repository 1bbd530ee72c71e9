// C3: the small client class, with the defects the contract records (D19, D22, D23).

const namedEvents = ["strategist-analysis", "analysis-progress", "analysis-complete"];

export class SSEClient {
  constructor(options = {}) {
    this.options = { reconnectDelay: 3000, maxReconnectAttempts: 5, ...options };
    this.url = this.options.url ?? null;
    this.eventSource = null;
    this.isConnected = false;
    this.isConnecting = false;
    this.reconnectAttempts = 0;
    this.lastHeartbeat = null;
    this.reconnectTimer = null;
    this.heartbeatTimer = null;
    this.listeners = new Map();
  }

  connect(url) {
    if (url) this.url = url;
    if (!this.url) throw new Error("An SSE client needs a URL");
    if (this.isConnecting || this.isConnected) return;
    this.isConnecting = true;

    const source = new EventSource(this.url, { withCredentials: true });
    this.eventSource = source;
    source.onopen = (event) => this.handleOpen(event);
    source.onmessage = (event) => this.handleData("message", event);
    source.onerror = (event) => this.handleError(event);
    for (const name of namedEvents) {
      source.addEventListener(name, (event) => this.handleData(name, event));
    }
    source.addEventListener("heartbeat", () => {
      this.lastHeartbeat = Date.now();
      this.emit("heartbeat", { timestamp: this.lastHeartbeat });
    });
  }

  disconnect() {
    clearTimeout(this.reconnectTimer);
    this.closeSource();
    this.reconnectAttempts = 0;
    this.emit("disconnected", { manual: true });
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
    for (const callback of [...(this.listeners.get(name) ?? [])]) {
      try {
        callback(payload);
      } catch (error) {
        console.error(`listener of ${name} failed`, error);
      }
    }
  }

  getStatus() {
    return {
      isConnected: this.isConnected,
      isConnecting: this.isConnecting,
      reconnectAttempts: this.reconnectAttempts,
      lastHeartbeat: this.lastHeartbeat,
      readyState: this.eventSource ? this.eventSource.readyState : EventSource.CLOSED,
      url: this.url,
    };
  }

  send() {
    this.emit("error", { error: new Error("Server-sent events go one way only") });
  }

  handleOpen(event) {
    this.markOpen();
    this.emit("connected", { event });
  }

  handleData(name, event) {
    let data;
    try {
      data = JSON.parse(event.data);
    } catch (error) {
      this.emit("error", { error, raw: event.data });
      return;
    }
    this.emit(name, data);
  }

  handleError(event) {
    if (this.eventSource?.readyState === EventSource.CLOSED) {
      this.closeSource();
      this.emit("disconnected", { event });
      this.scheduleReconnect();
    } else {
      // The reconnect is left to the EventSource.
      this.emit("error", { error: new Error("Connection interrupted"), event });
    }
  }

  scheduleReconnect() {
    if (this.reconnectAttempts >= this.options.maxReconnectAttempts) {
      // D22: dead from here until somebody calls connect().
      this.handleReconnectFailed();
      return;
    }
    this.reconnectAttempts++;
    this.reconnectTimer = setTimeout(() => this.connect(), this.reconnectDelay());
  }

  reconnectDelay() {
    // D23: 3 s before the first attempt, and no jitter.
    return this.options.reconnectDelay * 2 ** (this.reconnectAttempts - 1);
  }

  handleReconnectFailed() {
    this.emit("reconnect-failed", { attempts: this.reconnectAttempts });
  }

  markOpen() {
    this.isConnected = true;
    this.isConnecting = false;
    this.reconnectAttempts = 0;
    this.lastHeartbeat = Date.now();
    this.watchHeartbeat();
  }

  closeSource() {
    clearInterval(this.heartbeatTimer);
    this.eventSource?.close();
    this.eventSource = null;
    this.isConnected = false;
    this.isConnecting = false;
  }

  watchHeartbeat() {
    clearInterval(this.heartbeatTimer);
    this.heartbeatTimer = setInterval(() => {
      const silence = Date.now() - this.lastHeartbeat;
      // D19: only a named heartbeat counts, so a healthy stream is reported from 45 s on.
      if (silence > 30000) this.emit("heartbeat-timeout", { timeSinceLastHeartbeat: silence });
    }, 15000);
  }
}
