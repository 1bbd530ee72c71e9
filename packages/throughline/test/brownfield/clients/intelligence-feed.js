// H5: what the hook useIntelligenceFeed does with a bare EventSource, without the framework around
// it, with the defects the contract records (D23, D24, D30).

const retryDelay = 5000;
const itemLimit = 50;

export function openIntelligenceFeed({ ward, priority = "all", baseUrl = "", onChange }) {
  let state = { intelligence: [], isConnected: false, error: null };
  let source = null;

  const change = (next) => {
    state = { ...state, ...next };
    onChange?.(state);
  };
  const add = (item) => change({ intelligence: [item, ...state.intelligence].slice(0, itemLimit) });

  const connect = () => {
    const query = new URLSearchParams({ ward, priority });
    source = new EventSource(`${baseUrl}/api/v1/strategist/feed?${query}`, {
      withCredentials: true,
    });
    source.onopen = () => change({ isConnected: true, error: null });
    source.onmessage = (event) => {
      try {
        const message = JSON.parse(event.data);
        if (message.type === "intelligence") add(message.data);
        else if (message.type === "alert") add({ type: "alert", ...message.data, isAlert: true });
      } catch (error) {
        console.error("feed item could not be read", error);
      }
    };
    source.onerror = () => {
      change({ isConnected: false, error: "Connection lost" });
      // D30: fixed delay for ever, and one more timer per error, all on the same variable.
      setTimeout(() => {
        if (source?.readyState === EventSource.CLOSED) connect();
      }, retryDelay);
    };
  };

  connect();
  return {
    getState: () => state,
    stop: () => {
      source?.close();
      source = null;
    },
  };
}
