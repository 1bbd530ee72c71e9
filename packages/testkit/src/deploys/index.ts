export type { CrowdReport } from "./crowd-process.js";
export { type HubPair, type RestartTimes, startHubPair } from "./rolling-restart.js";
export { type DeployOptions, type DeployResult, runDeploy } from "./run-deploy.js";
