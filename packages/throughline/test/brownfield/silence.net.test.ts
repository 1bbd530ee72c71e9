import { installEventSource } from "throughline";
import { createNodeStages, fetchWithSessions, type Sessions } from "./node-stage.js";
import { describePlay, onStage } from "./play.js";
import { silenceScenarios } from "./scenarios/faults.js";
import { subjectKinds } from "./scenarios/kinds.js";
import type { OpenStage } from "./stage.js";

const sessions: Sessions = new Map();
let undo = () => {};
let openStage: OpenStage;

describePlay({
  groups: {
    "the classes over a drop-in with an idle timeout in Node": onStage(
      () => openStage,
      silenceScenarios(subjectKinds.filter((kind) => kind !== "mobile")),
    ),
  },
  before: () => {
    const uninstall = installEventSource({
      idleTimeoutMs: 1500,
      fetch: fetchWithSessions(sessions),
    });
    const { open, watch } = createNodeStages(sessions);
    openStage = open;
    undo = () => {
      watch.end();
      uninstall();
    };
  },
  after: () => undo(),
});
