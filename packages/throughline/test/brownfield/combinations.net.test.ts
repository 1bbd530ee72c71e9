import { createNodeStages, type NodeStages } from "./node-stage.js";
import { describePlay, onStage } from "./play.js";
import {
  dropScenarios,
  everydayScenarios,
  loopScenarios,
  type Way,
} from "./scenarios/combinations.js";
import { subjectKinds } from "./scenarios/kinds.js";
import { lineSilenceScenarios } from "./scenarios/signs-of-life.js";

const both: Way = { transport: "throughline", hasGateway: true };

// C2 needs a page around it.
const kinds = subjectKinds.filter((kind) => kind !== "mobile");

// Set before any story begins.
let stages: NodeStages;

describePlay({
  groups: {
    "the classes over the drop-in and the gateway in Node": onStage(
      () => stages.openOverGateway,
      [
        ...everydayScenarios(both, kinds),
        ...dropScenarios(both),
        ...loopScenarios(),
        ...lineSilenceScenarios(both),
      ],
    ),
  },
  before: () => {
    stages = createNodeStages();
  },
  after: () => stages.close(),
});
