import { createNodeStages, type NodeStages } from "./node-stage.js";
import { describePlay, onStage } from "./play.js";
import { silenceScenarios } from "./scenarios/faults.js";
import { subjectKinds } from "./scenarios/kinds.js";

const kinds = subjectKinds.filter((kind) => kind !== "mobile");

// Set before any story begins.
let stages: NodeStages;

describePlay({
  groups: {
    "the classes over a drop-in with an idle timeout in Node": onStage(
      () => stages.open,
      silenceScenarios(kinds),
    ),
  },
  before: () => {
    stages = createNodeStages({ idleTimeoutMs: 1500 });
  },
  after: () => stages.close(),
});
