import type { ReactNode } from "react";

/** A section of the page with its heading, what belongs beside the heading, and its content. */
export function Panel(props: {
  /** Also the anchor of the navigation, and the name of the class. */
  readonly id: string;
  readonly title: string;
  /** A short figure or remark right of the title. */
  readonly note?: ReactNode | undefined;
  readonly actions?: ReactNode | undefined;
  readonly children: ReactNode;
}) {
  const { id, title, note, actions, children } = props;
  return (
    <section id={id} className={`panel panel-${id}`} aria-labelledby={`${id}-title`}>
      <header className="panel-head">
        <h2 id={`${id}-title`}>{title}</h2>
        {note !== undefined && <span className="panel-note">{note}</span>}
        {actions !== undefined && <div className="panel-actions">{actions}</div>}
      </header>
      {children}
    </section>
  );
}

/** What stands in a panel that has nothing to show yet. */
export function Empty({ children }: { readonly children: ReactNode }) {
  return <p className="empty">{children}</p>;
}
