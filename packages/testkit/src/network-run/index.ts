export { dropInClient } from "./drop-in-client.js";
export { NumberedPublisher, publishedNumber } from "./numbered-publisher.js";
export { becomesTrue, RecordedReader } from "./recorded-reader.js";
export { type RunOptions, runScenario, unplayable } from "./run-scenario.js";
export type { OpenReader, ReaderWatch, ScenarioClient } from "./scenario-client.js";
export { type ScenarioServer, startHubServer } from "./scenario-server.js";
export type { Front } from "./scenario-stage.js";
export { type UrlServerOptions, urlServer } from "./url-server.js";
