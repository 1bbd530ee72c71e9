// How the panel looks. It lives in a shadow root: nothing of it reaches the page, nor the other way.

const LIGHT = `
  --ground: #f4f6f7; --surface: #ffffff; --raised: #ffffff; --line: #dbe2e4; --line-strong: #aab8bc;
  --ink: #15242a; --ink-2: #52656c; --accent: #0b5f63; --accent-ink: #ffffff; --accent-quiet: #e0eeed;
  --live: #1a8f4a; --passing: #b36b00; --failed: #c42b30; --rest: #75858a;
  --fault: #8f3fae; --fault-quiet: #f5eaf9; --hover: #edf2f3;
`;
const DARK = `
  --ground: #11191b; --surface: #172123; --raised: #1e2a2d; --line: #2b393d; --line-strong: #4d6066;
  --ink: #e4ecee; --ink-2: #9db0b6; --accent: #63c3bd; --accent-ink: #08201f; --accent-quiet: #17312f;
  --live: #4cc07f; --passing: #e0a23c; --failed: #ff7f78; --rest: #84969c;
  --fault: #d79bf0; --fault-quiet: #33223c; --hover: #223033;
`;

export const STYLES = `
:host {
  all: initial;
  color-scheme: light dark;
  ${LIGHT}
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", "Liberation Mono", Menlo, monospace;
}
@media (prefers-color-scheme: dark) { :host { ${DARK} } }
* { box-sizing: border-box; }
.root {
  /* "system-ui" is left out: it is a wide face on many a Linux. */
  font: 12px/1.5 -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif;
  color: var(--ink);
}
[hidden] { display: none !important; }

button, input, select { font: inherit; color: inherit; }
button {
  padding: 2px 9px; min-height: 24px; border: 1px solid var(--line-strong); border-radius: 5px;
  background: var(--raised); cursor: pointer; white-space: nowrap;
}
button:hover:not(:disabled) { background: var(--hover); }
button:disabled { opacity: 0.5; cursor: default; }
button[aria-pressed="true"] {
  border-color: var(--fault); background: var(--fault-quiet); color: var(--fault); font-weight: 600;
}
input, select {
  min-height: 24px; padding: 1px 6px; border: 1px solid var(--line-strong); border-radius: 5px;
  background: var(--surface);
}
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }

.toggle {
  position: fixed; right: 12px; bottom: 12px; z-index: 2147483000; display: flex; gap: 7px;
  align-items: center; padding: 5px 12px; border-radius: 999px; font-weight: 600;
  box-shadow: 0 2px 10px rgb(0 0 0 / 0.22);
}
.dot {
  flex: none; width: 9px; height: 9px; border-radius: 50%; border: 2px solid var(--tone);
  background: transparent;
}
.dot[data-state="live"], .dot[data-state="closed"] { background: var(--tone); }
[data-state] { --tone: var(--rest); }
[data-state="live"] { --tone: var(--live); }
[data-state="stale"], [data-state="waiting"], [data-state="connecting"] { --tone: var(--passing); }
[data-state="failed"] { --tone: var(--failed); }

.drawer {
  position: fixed; inset: auto 0 0 0; z-index: 2147483000; height: min(50vh, 520px); min-height: 260px;
  display: grid; grid-template-rows: auto 1fr; background: var(--ground);
  border-top: 1px solid var(--line-strong); box-shadow: 0 -4px 20px rgb(0 0 0 / 0.18);
}
.bar {
  display: flex; align-items: center; gap: 10px; padding: 5px 12px; background: var(--surface);
  border-bottom: 1px solid var(--line);
}
.bar h2 { margin: 0; font-size: 13px; font-weight: 650; }
.bar .space { flex: 1; }
.bar p { margin: 0; color: var(--ink-2); }

.columns {
  display: grid; min-height: 0;
  grid-template-columns: minmax(170px, 220px) minmax(330px, 430px) minmax(260px, 1fr);
}
.columns > * { min-width: 0; min-height: 0; overflow: auto; overscroll-behavior: contain; }
.columns > * + * { border-left: 1px solid var(--line); }
.empty { padding: 24px; color: var(--ink-2); max-width: 62ch; }
.empty p { margin: 0 0 6px; }

.streams { list-style: none; margin: 0; padding: 6px; }
.streams button {
  display: grid; grid-template-columns: auto 1fr auto; gap: 2px 8px; align-items: center; width: 100%;
  padding: 5px 8px; border-color: transparent; background: none; text-align: left;
}
.streams button[aria-current="true"] { background: var(--accent-quiet); border-color: var(--accent); }
.streams .url { overflow: hidden; text-overflow: ellipsis; font-weight: 600; }
.streams small { grid-column: 2; color: var(--ink-2); font-size: 11px; }
.mark { color: var(--fault); font-size: 11px; font-weight: 650; }

.view { padding: 10px 12px 14px; }
.view h3 {
  margin: 14px 0 5px; font-size: 11px; font-weight: 650; letter-spacing: 0.02em; color: var(--ink-2);
}
.head { display: flex; flex-wrap: wrap; gap: 4px 8px; align-items: center; }
.head .state { display: flex; gap: 7px; align-items: center; font-size: 14px; font-weight: 650; }
.head .reason { color: var(--ink-2); }
.head .actions { margin-left: auto; display: flex; gap: 6px; }
.address { margin: 4px 0 0; font-family: var(--mono); font-size: 11px; color: var(--ink-2);
  overflow-wrap: anywhere; }
dl.facts { display: grid; grid-template-columns: repeat(4, auto); gap: 5px 14px; margin: 10px 0 0; }
dl.facts dt { color: var(--ink-2); font-size: 11px; }
dl.facts dd { margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.address + .band { margin-top: 8px; }
dl.facts .wide { grid-column: span 3; }
dl.facts .wide dd { font-family: var(--mono); font-size: 11px; }

.band { position: relative; height: 16px; border-radius: 3px; background: var(--line);
  overflow: hidden; }
.band span { position: absolute; top: 0; bottom: 0; min-width: 2px; background: var(--tone); }
/* Not only a matter of colour: what is not live is lower. */
.band span[data-state="connecting"], .band span[data-state="waiting"],
.band span[data-state="stale"] { top: 5px; }
.band span[data-state="paused"], .band span[data-state="idle"],
.band span[data-state="closed"] { top: 10px; }
.scale { display: flex; justify-content: space-between; margin: 2px 0 0; color: var(--ink-2);
  font-size: 11px; }
table { width: 100%; border-collapse: collapse; margin-top: 6px; font-variant-numeric: tabular-nums; }
th, td { padding: 2px 8px 2px 0; text-align: left; font-weight: normal; vertical-align: baseline; }
thead th { color: var(--ink-2); font-size: 11px; border-bottom: 1px solid var(--line); }
td .dot { display: inline-block; margin-right: 6px; width: 8px; height: 8px; }
.none { margin: 4px 0 0; color: var(--ink-2); }

.faults { margin: 12px 0 0; padding: 8px 10px 10px; border: 1px solid var(--line); border-radius: 6px;
  background: var(--surface); }
.faults legend { padding: 0 4px; font-weight: 650; color: var(--fault); }
.faults .row { display: flex; flex-wrap: wrap; gap: 6px; align-items: center; }
.faults .row + .row { margin-top: 7px; }
.faults label { display: inline-flex; gap: 6px; align-items: center; color: var(--ink-2); }
.faults input { width: 48px; }
.faults p { margin: 7px 0 0; color: var(--ink-2); }

.events { display: grid; grid-template-rows: auto 1fr; overflow: hidden; }
.tools { display: flex; flex-wrap: wrap; gap: 6px; align-items: center; padding: 6px 10px;
  border-bottom: 1px solid var(--line); background: var(--surface); }
.tools input { flex: 1; min-width: 90px; }
.tools output { color: var(--ink-2); font-variant-numeric: tabular-nums; min-width: 9ch;
  text-align: right; }
.tools button[aria-pressed="true"] {
  border-color: var(--accent); background: var(--accent-quiet); color: var(--accent);
}
.list { list-style: none; margin: 0; padding: 0; overflow: auto; min-height: 0; }
.list li { border-bottom: 1px solid var(--line); }
.list summary {
  display: grid; grid-template-columns: 12ch minmax(6ch, 13ch) 1fr auto; gap: 10px; padding: 2px 10px;
  cursor: pointer; align-items: baseline; list-style: none;
}
.list summary::-webkit-details-marker { display: none; }
.list summary:hover { background: var(--hover); }
.list time { color: var(--ink-2); font-variant-numeric: tabular-nums; }
.list .type { font-weight: 600; color: var(--accent); overflow: hidden; text-overflow: ellipsis; }
.list .data, .list .id { overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
  font-family: var(--mono); font-size: 11px; }
.list .id { color: var(--ink-2); max-width: 18ch; }
.list .whole { padding: 2px 10px 8px; }
.list pre { margin: 0; padding: 8px; border-radius: 5px; background: var(--surface);
  border: 1px solid var(--line); font: 11px/1.5 var(--mono); white-space: pre-wrap;
  overflow-wrap: anywhere; max-height: 180px; overflow: auto; }
.list .about { margin: 0 0 4px; color: var(--ink-2); font-family: var(--mono); font-size: 11px;
  overflow-wrap: anywhere; }

@media (max-width: 900px) {
  .drawer { height: 70vh; }
  .columns { grid-template-columns: 1fr; grid-auto-rows: max-content; overflow: auto; }
  .columns > * + * { border-left: 0; border-top: 1px solid var(--line); }
  .columns > * { overflow: visible; }
  .events .list { max-height: 40vh; }
}
`;
