export { type BundleOptions, bundleClient, bundleScript } from "./bundle.js";
export { findChromium, launchChromium } from "./chromium.js";
export { findFirefox } from "./firefox.js";
export {
  type BrowserName,
  type BrowserProfile,
  type LaunchChoices,
  launchBrowser,
  type RequestListener,
  type TestBrowser,
  type TestPage,
} from "./launch.js";
