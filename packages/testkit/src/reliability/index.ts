export { startHub, type TrialHub } from "./path.js";
export { brokenPromises } from "./promises.js";
export { runTrial, type TrialResult } from "./run-trial.js";
export { TRIALS, type Trial } from "./trial.js";
