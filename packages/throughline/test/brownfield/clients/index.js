export { SSEClient as BasicSSEClient } from "./basic-client.js";
export { SSEClient as CampaignSSEClient } from "./campaign-client.js";
export { EnhancedSSEClient } from "./enhanced-client.js";
export { openIntelligenceFeed } from "./intelligence-feed.js";
export { MobileOptimizedSSEClient } from "./mobile-client.js";
export { OptimizedSSEManager } from "./optimized-manager.js";
export { TimelineSSEManager } from "./timeline-manager.js";
