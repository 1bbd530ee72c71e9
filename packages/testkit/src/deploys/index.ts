export { quantiles } from "./quantiles.js";
export { type RestartTimes, startHubPair } from "./rolling-restart.js";
export { runDeploy } from "./run-deploy.js";
export { Wakefulness } from "./wakefulness.js";
