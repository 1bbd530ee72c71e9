// Elements in few words.

type Properties<K extends keyof HTMLElementTagNameMap> = Partial<
  Omit<HTMLElementTagNameMap[K], "attributes" | "dataset" | "style">
> & {
  readonly data?: Readonly<Record<string, string>> | undefined;
  /** Attributes by their names: `aria-…`, `role`, `for`. */
  readonly attributes?: Readonly<Record<string, string>> | undefined;
};

/** Makes an element with properties, attributes, and children. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  { data = {}, attributes = {}, ...properties }: Properties<K> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  Object.assign(made, properties);
  Object.assign(made.dataset, data);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Writes a text only where it is another one: what is selected stays selected. */
export function setText(node: Node, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}
