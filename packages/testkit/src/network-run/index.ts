export { dropInClient } from "./drop-in-client.js";
export {
  type RunOptions,
  runScenario,
  type ScenarioVerdict,
  unplayable,
} from "./run-scenario.js";
export type { OpenReader, ReaderWatch, ScenarioClient } from "./scenario-client.js";
export { type ScenarioServer, startHubServer } from "./scenario-server.js";
export type { Front } from "./scenario-stage.js";
export { type UrlServerOptions, urlServer } from "./url-server.js";
