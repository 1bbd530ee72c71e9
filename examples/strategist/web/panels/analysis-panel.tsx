import { useState } from "react";
import { ConfidenceMeter } from "../charts/confidence-meter.js";
import { type Depth, useAnalysis } from "../data/use-analysis.js";
import type { Campaign } from "../data/use-campaign.js";
import { type Analysis, type AnalysisResult, type Confidence, stages } from "../model/analysis.js";
import { counted, spaced } from "../model/words.js";
import { Empty, Panel } from "./panel.js";

const depths: readonly { readonly value: Depth; readonly title: string }[] = [
  { value: "quick", title: "Quick" },
  { value: "standard", title: "Standard" },
  { value: "deep", title: "Deep" },
];

/** Runs an analysis of a ward and shows how it comes along. */
export function AnalysisPanel(props: {
  readonly campaign: Campaign;
  /** The ward that the rest of the page shows, if it is one. */
  readonly ward: string | undefined;
}) {
  const { campaign, ward } = props;
  const [chosen, setChosen] = useState<string>();
  const [depth, setDepth] = useState<Depth>("standard");
  const { analysis, isRunning, error, run } = useAnalysis(campaign.analysis);
  const subject = ward ?? chosen ?? campaign.wards[0]?.name ?? "";

  return (
    <Panel id="analysis" title="Analysis">
      <form
        className="analysis-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isRunning) run(subject, depth);
        }}
      >
        <label className="select">
          <span>Ward</span>
          <select
            value={subject}
            disabled={ward !== undefined}
            onChange={(event) => setChosen(event.target.value)}
          >
            {campaign.wards.map(({ slug, name }) => (
              <option key={slug} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label className="select">
          <span>Depth</span>
          <select value={depth} onChange={(event) => setDepth(event.target.value as Depth)}>
            {depths.map(({ value, title }) => (
              <option key={value} value={value}>
                {title}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" className="primary" aria-disabled={isRunning}>
          {isRunning ? "Running" : "Run analysis"}
        </button>
      </form>
      {error !== undefined && (
        <p className="problem" role="alert">
          {error}
        </p>
      )}
      {analysis === undefined ? (
        <Empty>
          Choose a ward and run an analysis. It survives any break of the connection: a reconnect
          goes on where it was instead of starting the work again.
        </Empty>
      ) : (
        <Progress analysis={analysis} />
      )}
    </Panel>
  );
}

function Progress({ analysis }: { readonly analysis: Analysis }) {
  const { ward, progress, description, etaSeconds, confidence, result, error } = analysis;
  return (
    <div className="analysis">
      <p className="analysis-head" role="status">
        <strong>{ward}</strong>{" "}
        {error ?? (result === undefined ? description : `done in ${result.seconds} s`)}
      </p>
      <div className="progress">
        <progress value={progress} max={1} aria-label={`Analysis of ${ward}`} />
        <span>{etaSeconds !== undefined && etaSeconds > 0 && `about ${etaSeconds} s left`}</span>
      </div>
      <Stages analysis={analysis} />
      {confidence !== undefined && <ConfidenceLine confidence={confidence} />}
      {result !== undefined && <Result result={result} />}
    </div>
  );
}

function Stages({ analysis }: { readonly analysis: Analysis }) {
  const current = stages.findIndex(({ stage }) => stage === analysis.stage);
  const isDone = analysis.result !== undefined;
  return (
    <ol className="stages">
      {stages.map(({ stage, title }, index) => {
        const state = isDone || index < current ? "done" : index === current ? "current" : "ahead";
        return (
          <li
            key={stage}
            className={`stage stage-${state}`}
            aria-current={state === "current" ? "step" : undefined}
          >
            {title}
            {state === "done" && <span className="visually-hidden"> (done)</span>}
          </li>
        );
      })}
    </ol>
  );
}

function ConfidenceLine({ confidence }: { readonly confidence: Confidence }) {
  return (
    <div className="confidence">
      <span>Confidence</span>
      <ConfidenceMeter confidence={confidence} />
      <span>
        <strong>{Math.round(confidence.score * 100)} %</strong>, {confidence.trend},{" "}
        {confidence.reliability} reliability
      </span>
    </div>
  );
}

function Result({ result }: { readonly result: AnalysisResult }) {
  return (
    <div className="result">
      <p className="result-summary">{result.summary}</p>
      <ul className="result-steps">
        {result.recommendations.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
      <p className="result-basis">{basisOf(result)}</p>
    </div>
  );
}

/** What a result rests on: one back end counts, the other names what it has heard. */
function basisOf({ itemsConsidered, issues, heard }: AnalysisResult): string {
  if (heard.length > 0) return `Heard: ${heard.join("; ")}.`;
  const names = issues.map(({ category }) => spaced(category)).join(", ");
  return `From ${counted(itemsConsidered, "item")}${names === "" ? "" : `, mostly ${names}`}.`;
}
