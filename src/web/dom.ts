type Child = Node | string;

interface Properties {
  readonly class?: string;
  readonly text?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly style?: Readonly<Record<string, string>>;
  readonly onClick?: () => void;
}

/** Makes an element. Whatever an image says only ever becomes text. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  { class: name, text, attributes = {}, style = {}, onClick }: Properties = {},
  children: readonly Child[] = [],
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  if (name !== undefined) made.className = name;
  if (text !== undefined) made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  for (const [key, value] of Object.entries(style)) made.style.setProperty(key, value);
  if (onClick !== undefined) made.addEventListener("click", onClick);
  made.append(...children);
  return made;
}

/** A part of the page with a heading. */
export function section(title: string, note: string, children: readonly Child[]): HTMLElement {
  const heading = element("header", { class: "heading" }, [
    element("h2", { text: title }),
    element("p", { text: note }),
  ]);
  return element("section", {}, [heading, ...children]);
}

/** Replaces the children of an element; where the keyboard focus was inside, moves it to the element that `next` gives. */
export function replaceChildren(
  holder: HTMLElement,
  children: readonly Node[],
  next: () => HTMLElement | undefined,
): void {
  const hadFocus = holder.contains(document.activeElement);
  holder.replaceChildren(...children);
  if (hadFocus) next()?.focus();
}
