export type { CheckRules, GatewayOptions, IdentityRules } from "./options.js";
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
