// C2: the variant for telephones, with the defects the contract records (D26 and those of C1).

import { EnhancedSSEClient } from "./enhanced-client.js";

const mobileDefaults = {
  heartbeatIntervals: {
    wifi: 30000,
    cellular_4g: 45000,
    cellular_3g: 60000,
    slow: 75000,
    offline: 120000,
  },
  // No code reads this group.
  compression: { enabled: true, minSize: 500, algorithm: "gzip", level: 6 },
  bandwidth: {
    adaptiveFiltering: true,
    maxMessageSize: 5000,
    priorityQueue: true,
    batchSize: 3,
    throttleMs: 100,
  },
  battery: { enableOptimization: true, lowBatteryThreshold: 20, reducedFrequencyMultiplier: 2 },
  network: {
    qualityCheckInterval: 10000,
    qualityThreshold: { excellent: 100, good: 300, fair: 800, poor: 2000 },
    adaptiveRetry: true,
  },
  errorHandling: {
    exponentialBackoffMax: 60000,
    networkChangeGracePeriod: 5000,
    backgroundReconnectDelay: 30000,
  },
};

const fieldsKeptOnMobile = ["type", "id", "ward", "priority", "timestamp", "message", "severity"];

export class MobileOptimizedSSEClient extends EnhancedSSEClient {
  constructor(options = {}) {
    // The merge is shallow: half a group replaces the whole group.
    super({ ...mobileDefaults, ...options });
    this.networkQuality = "unknown";
    this.batteryLevel = 100;
    this.isBackgrounded = document.hidden === true;
    this.deviceInfo = {
      userAgent: navigator.userAgent,
      isMobile: /Android|iPhone|iPad|Mobile/i.test(navigator.userAgent),
    };
    this.messageQueue = [];
    this.lastMessageKey = null;
    this.lastMessageAt = 0;
    this.watchDevice();
  }

  async connect(ward, options = {}) {
    await this.checkNetworkQuality();
    super.connect(ward, { priority: "high", ...options });
    this.eventSource.onmessage = (event) => this.handleMobileMessage(event);
  }

  handleMobileMessage(event) {
    this.metrics.messagesReceived++;
    let message;
    try {
      message = JSON.parse(event.data);
    } catch {
      return;
    }
    if (this.isThrottled(message)) return;
    // D26: a message of type "error" becomes an error event of the connection.
    this.emit(message.type, {
      ...this.reduceForMobile(message),
      receivedAt: new Date(),
      networkQuality: this.networkQuality,
      batteryLevel: this.batteryLevel,
    });
  }

  isThrottled(message) {
    const key = `${message.type}|${message.ward}`;
    const now = Date.now();
    const { throttleMs } = this.options.bandwidth;
    // D26: the server sends its rows back to back, so most of a burst is dropped here.
    const isThrottled = key === this.lastMessageKey && now - this.lastMessageAt < throttleMs;
    this.lastMessageKey = key;
    if (!isThrottled) this.lastMessageAt = now;
    return isThrottled;
  }

  reduceForMobile(message) {
    if (!this.deviceInfo.isMobile || !this.options.bandwidth.adaptiveFiltering) return message;
    // The list has no `data`, where the content of nearly all messages is.
    return Object.fromEntries(
      Object.entries(message).filter(([name]) => fieldsKeptOnMobile.includes(name)),
    );
  }

  async checkNetworkQuality() {
    const startedAt = Date.now();
    try {
      await fetch("/api/v1/status", { method: "HEAD", cache: "no-store" });
      this.networkQuality = this.rateNetwork(Date.now() - startedAt);
    } catch {
      this.networkQuality = "offline";
    }
    return this.networkQuality;
  }

  rateNetwork(elapsed) {
    // A `network` group without thresholds makes this throw, hence "offline".
    const { qualityThreshold } = this.options.network;
    if (elapsed <= qualityThreshold.excellent) return "excellent";
    if (elapsed <= qualityThreshold.good) return "good";
    if (elapsed <= qualityThreshold.fair) return "fair";
    return "poor";
  }

  getConnectionType() {
    if (this.networkQuality === "offline") return "offline";
    const effective = navigator.connection?.effectiveType;
    if (effective === "3g") return "cellular_3g";
    if (effective === "2g" || effective === "slow-2g") return "slow";
    return navigator.connection?.type === "cellular" ? "cellular_4g" : "wifi";
  }

  shouldUseCompression(size = 0) {
    const { enabled, minSize } = this.options.compression;
    return enabled && size >= minSize;
  }

  getMaxMessageSize() {
    const { maxMessageSize } = this.options.bandwidth;
    return this.networkQuality === "poor" ? maxMessageSize / 2 : maxMessageSize;
  }

  getMobileMetrics() {
    return {
      ...this.getMetrics(),
      deviceInfo: this.deviceInfo,
      networkQuality: this.networkQuality,
      batteryLevel: this.batteryLevel,
      isBackgrounded: this.isBackgrounded,
      queuedMessages: this.messageQueue.length,
      adaptiveSettings: {
        heartbeatInterval: this.adaptiveInterval(),
        connectionType: this.getConnectionType(),
        batteryMultiplier: this.batteryMultiplier(),
      },
    };
  }

  restartHeartbeatMonitoring() {
    this.options.heartbeatInterval = this.adaptiveInterval();
    if (this.isConnected) this.watchHeartbeat();
  }

  adaptiveInterval() {
    const base = this.options.heartbeatIntervals[this.getConnectionType()];
    return base * this.batteryMultiplier();
  }

  batteryMultiplier() {
    const { enableOptimization, lowBatteryThreshold, reducedFrequencyMultiplier } =
      this.options.battery;
    const isLow = enableOptimization && this.batteryLevel < lowBatteryThreshold;
    return isLow ? reducedFrequencyMultiplier : 1;
  }

  // None of these listeners is ever removed, nor is the timer.
  watchDevice() {
    const { networkChangeGracePeriod, backgroundReconnectDelay } = this.options.errorHandling;
    const reconnectIfDown = () => {
      if (!this.isConnected && this.lastConnectionParams) this.reconnect();
    };
    window.addEventListener("online", () => setTimeout(reconnectIfDown, networkChangeGracePeriod));
    window.addEventListener("offline", () => {
      this.networkQuality = "offline";
    });
    document.addEventListener("visibilitychange", () => {
      this.isBackgrounded = document.hidden;
      if (!document.hidden) setTimeout(reconnectIfDown, backgroundReconnectDelay);
    });
    navigator.connection?.addEventListener?.("change", () => this.restartHeartbeatMonitoring());
    navigator.getBattery?.().then((battery) => {
      const read = () => {
        this.batteryLevel = Math.round(battery.level * 100);
      };
      read();
      battery.addEventListener("levelchange", read);
    });
    setInterval(() => this.checkNetworkQuality(), this.options.network.qualityCheckInterval);
  }
}
