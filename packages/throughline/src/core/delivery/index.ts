export type {
  DeliveryContext,
  DeliveryEffect,
  DeliveryInput,
  DeliveryState,
  DeliveryStateName,
  FeedView,
} from "./state.js";
export { beginDelivery, deliveredUpTo } from "./state.js";
export { deliveryDeadlineMs, stepDelivery } from "./step.js";
export type { DeliveryStep } from "./transitions.js";
