// H6: the shared manager that no component uses today. It is a singleton in the application; here
// each test makes its own. The contract fixes the limit of three connections, the delays, and that
// it reconnects only when the source is CLOSED; which connection goes when a fourth comes is not
// recorded, so the oldest does.

const maxConnections = 3;
const retryDelays = [1000, 2000, 4000, 8000, 16000];

export class OptimizedSSEManager {
  constructor() {
    this.connections = new Map();
  }

  connect(url, options = {}) {
    const existing = this.connections.get(url);
    if (existing) return existing;
    if (this.connections.size >= maxConnections) {
      this.disconnect(this.connections.keys().next().value);
    }
    const connection = {
      url,
      options,
      eventSource: null,
      state: "connecting",
      attempts: 0,
      messages: 0,
      timer: null,
    };
    this.connections.set(url, connection);
    this.open(connection);
    return connection;
  }

  disconnect(url) {
    const connection = this.connections.get(url);
    if (!connection) return;
    this.connections.delete(url);
    clearTimeout(connection.timer);
    connection.eventSource?.close();
    this.changeState(connection, "closed");
  }

  disconnectAll() {
    for (const url of [...this.connections.keys()]) this.disconnect(url);
  }

  getConnectionStats() {
    return {
      activeConnections: this.connections.size,
      maxConnections,
      connections: [...this.connections.values()].map(({ url, state, attempts, messages }) => ({
        url,
        state,
        attempts,
        messages,
      })),
    };
  }

  open(connection) {
    const { onMessage, onError, eventTypes = [] } = connection.options;
    this.changeState(connection, "connecting");
    const source = new EventSource(connection.url, { withCredentials: true });
    connection.eventSource = source;
    const deliver = (event) => {
      connection.messages++;
      let data = event.data;
      try {
        data = JSON.parse(event.data);
      } catch {
        // Text that is not JSON is handed on as it is.
      }
      onMessage?.({ type: event.type, data });
    };
    source.onopen = () => {
      connection.attempts = 0;
      this.changeState(connection, "open");
    };
    source.onmessage = deliver;
    for (const name of eventTypes) source.addEventListener(name, deliver);
    source.onerror = (event) => {
      this.changeState(connection, "error");
      onError?.(event);
      if (source.readyState === EventSource.CLOSED) this.retry(connection);
    };
  }

  retry(connection) {
    const delay = retryDelays[connection.attempts];
    if (delay === undefined) return;
    connection.attempts++;
    connection.timer = setTimeout(() => this.open(connection), delay);
  }

  changeState(connection, state) {
    connection.state = state;
    connection.options.onStateChange?.(state);
  }
}
