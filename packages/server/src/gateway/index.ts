export { createGateway } from "./gateway.js";
export type { Gateway, GatewayStats } from "./gateway-types.js";
export type { CheckRules, GatewayOptions, IdentityRules } from "./options.js";
export type { GatewayPreset } from "./presets/preset.js";
export { PRESETS, type PresetName } from "./presets/preset-table.js";
export type {
  EndRule,
  FreshStart,
  GatewayRoute,
  ItemKind,
  JsonPath,
  JsonScalar,
  PayloadMatch,
  RefusalRule,
  ResumeRule,
  UpstreamRules,
  ValueRule,
} from "./route.js";
export { completeRoute, type RouteInput } from "./route-defaults.js";
