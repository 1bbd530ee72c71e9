import { createNodeStages, type NodeStages } from "./node-stage.js";
import { describePlay, onStage } from "./play.js";
import { endpointScenarios } from "./scenarios/endpoints.js";
import { absenceScenarios, breakScenarios, healingScenarios } from "./scenarios/faults.js";
import { subjectKinds } from "./scenarios/kinds.js";
import { lifecycleScenarios } from "./scenarios/lifecycle.js";
import { expiryScenarios, refusalScenarios } from "./scenarios/refusals.js";

// C2 needs a page around it, and has a file of its own.
const kinds = subjectKinds.filter((kind) => kind !== "mobile");

// Set before any story begins.
let stages: NodeStages;

describePlay({
  groups: {
    "the classes over the drop-in in Node": onStage(
      () => stages.open,
      [
        ...absenceScenarios(kinds),
        ...healingScenarios(kinds),
        ...expiryScenarios(),
        ...breakScenarios(kinds),
        ...lifecycleScenarios(kinds),
        ...endpointScenarios(),
        ...refusalScenarios(),
      ],
    ),
  },
  before: () => {
    stages = createNodeStages();
  },
  after: () => stages.close(),
});
