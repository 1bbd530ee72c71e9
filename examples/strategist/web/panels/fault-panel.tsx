import type { Faults } from "../data/use-faults.js";
import { useNow } from "../data/use-now.js";
import { type FaultRecord, type FaultText, faultTitle } from "../model/fault.js";
import { wallClock } from "../model/words.js";
import { Panel } from "./panel.js";

/** The switches that break something between this page and what it shows. */
export function FaultPanel(props: {
  readonly id: string;
  readonly title: string;
  readonly intro: string;
  /** What is broken, as a sentence begins with it. */
  readonly thing: string;
  readonly texts: readonly FaultText[];
  readonly faults: Faults;
}) {
  const { id, title, intro, thing, texts, faults } = props;
  const { active, records, clockAheadMs, error } = faults;
  const nowMs = useNow(250) + clockAheadMs;
  const last = records.at(-1);
  const canRecover =
    active !== undefined && !texts.some((text) => text.name === active.fault && text.mendsItself);

  return (
    <Panel
      id={id}
      title={title}
      actions={
        <button
          type="button"
          className="primary"
          aria-disabled={!canRecover}
          onClick={() => {
            if (canRecover) faults.recover();
          }}
        >
          Recover now
        </button>
      }
    >
      <p className="intro">{intro}</p>
      <ul className="faults">
        {texts.map((text) => (
          <li key={text.name}>
            <FaultButton text={text} active={active} nowMs={nowMs} onStart={faults.start} />
          </li>
        ))}
      </ul>
      <p className="fault-state" role="status">
        {active !== undefined
          ? `${thing} is broken: ${faultTitle(active.fault).toLowerCase()}.`
          : last === undefined
            ? `${thing} is whole.`
            : `${thing} is whole. Last: ${faultTitle(last.fault).toLowerCase()} at ` +
              `${wallClock(last.startedAtMs - clockAheadMs)}.`}
      </p>
      {error !== undefined && (
        <p className="problem" role="alert">
          {error}
        </p>
      )}
    </Panel>
  );
}

function FaultButton(props: {
  readonly text: FaultText;
  readonly active: FaultRecord | undefined;
  readonly nowMs: number;
  readonly onStart: Faults["start"];
}) {
  const { text, active, nowMs, onStart } = props;
  const isActive = active?.fault === text.name;
  const leftMs = isActive ? Math.max(0, active.endsAtMs - nowMs) : 0;
  const share = isActive ? leftMs / (active.endsAtMs - active.startedAtMs) : 0;
  return (
    <button
      type="button"
      className={isActive ? "fault is-active" : "fault"}
      // Not `disabled`: the button that was just pressed must keep the focus.
      aria-disabled={active !== undefined}
      onClick={() => {
        if (active === undefined) onStart(text.name);
      }}
    >
      <span className="fault-title">{text.title}</span>
      <span className="fault-text">{text.text}</span>
      {isActive && (
        <>
          <span className="fault-left">{Math.ceil(leftMs / 1000)} s</span>
          <span className="fault-bar" style={{ transform: `scaleX(${share})` }} />
        </>
      )}
    </button>
  );
}
