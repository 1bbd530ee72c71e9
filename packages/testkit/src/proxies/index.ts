export { withPorts } from "./documented.js";
export { caddy, haproxy, nginx } from "./kinds.js";
export { type ReadyHub, startReadyHub } from "./ready-hub.js";
export type { ProxyKind, ProxyPorts, RealProxy } from "./real-proxy.js";
export { findProgram, startRealProxy } from "./real-proxy.js";
