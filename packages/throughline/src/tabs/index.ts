// One connection for all tabs of a browser.

export type { ShareOptions } from "./share-tabs.js";
export { shareTabs } from "./share-tabs.js";
export type { TabRole } from "./tab-stream.js";
