// Small drawings in the colour of the text around them. All are decoration: words stand beside them.

import type { ItemKind, Priority } from "../model/wire.js";

/** The mark of a priority: a filled diamond, a triangle, a dot, a ring. */
export function PriorityMark({ priority }: { readonly priority: Priority }) {
  return (
    <svg className={`mark mark-${priority}`} viewBox="0 0 12 12" aria-hidden="true">
      {priority === "critical" && <path d="M6 0.5 11.5 6 6 11.5 0.5 6Z" />}
      {priority === "high" && <path d="M6 1.2 11.4 10.8H0.6Z" />}
      {priority === "medium" && <circle cx="6" cy="6" r="3.2" />}
      {priority === "low" && <circle className="mark-ring" cx="6" cy="6" r="2.8" />}
    </svg>
  );
}

const kindPaths: Readonly<Record<ItemKind, string>> = {
  alert: "M8 2v1.5M3.5 11.5h9M4.5 11.5V8a3.5 3.5 0 0 1 7 0v3.5M7 13.8h2",
  report: "M4 2.5h8v11H4zM6 5.5h4M6 8h4M6 10.5h2.5",
  post: "M2.5 3.5h11v7.5H8l-3 2.5V11H2.5z",
  brief: "M3 12.5h10M4.5 10V7.5M8 10V4M11.5 10V6",
};

/** The sign of where an item comes from. */
export function KindIcon({ kind }: { readonly kind: ItemKind }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={kindPaths[kind]} />
    </svg>
  );
}

/** The sign of the product: a line that goes through. */
export function Brand() {
  return (
    <svg className="brand-sign" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" />
      <path d="M6 21c4 0 4-9 8-9s4 5 7 5 3-6 5-6" />
      <circle cx="26" cy="11" r="2.6" />
    </svg>
  );
}
