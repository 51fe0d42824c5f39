/** A section of LVM's text: numbers, texts, lists and further sections by name. */
export type LvmSection = ReadonlyMap<string, LvmValue>;

type LvmValue = string | number | readonly (string | number)[] | LvmSection;

/** LVM's own text is three deep. */
const deepest = 8;

/**
 * Reads the text in which LVM keeps a group; `undefined` for what is none. It stands among other lines of the program that
 * prints it.
 *
 * Source: lvm2, lib/config/config.c: `name { … }`, `name = value`, with comments from `#` on.
 */
export function parseLvmText(printed: string): { readonly name: string; readonly group: LvmSection } | undefined {
  const start = /^([A-Za-z0-9+_.-]+) \{$/m.exec(printed);
  if (start?.[1] === undefined) return undefined;
  const tokens = [...printed.slice(start.index + start[0].length).matchAll(token)].map(([text]) => text);
  const group = new SectionReader(tokens.filter((text) => !text.startsWith("#"))).section(0);
  return group === undefined ? undefined : { name: start[1], group };
}

const token = /#[^\n]*|"(?:[^"\\]|\\.)*"|[{}[\],=]|[^\s{}[\],="#]+/g;

/** Takes tokens one after the other. A text that makes no sense ends in `undefined`. */
class SectionReader {
  readonly #tokens: readonly string[];
  #next = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  section(depth: number): LvmSection | undefined {
    if (depth > deepest) return undefined;
    const values = new Map<string, LvmValue>();
    for (let name = this.#take(); name !== undefined; name = this.#take()) {
      if (name === "}") return values;
      const sign = this.#take();
      const value = sign === "{" ? this.section(depth + 1) : sign === "=" ? this.#value() : undefined;
      if (value === undefined) return undefined;
      values.set(name, value);
    }
    return undefined;
  }

  #value(): LvmValue | undefined {
    const first = this.#take();
    if (first === undefined || first !== "[") return scalarOf(first);
    const list: (string | number)[] = [];
    for (let one = this.#take(); one !== undefined; one = this.#take()) {
      if (one === "]") return list;
      const value = one === "," ? undefined : scalarOf(one);
      if (value !== undefined) list.push(value);
    }
    return undefined;
  }

  #take(): string | undefined {
    this.#next += 1;
    return this.#tokens[this.#next - 1];
  }
}

function scalarOf(text: string | undefined): string | number | undefined {
  if (text === undefined) return undefined;
  return text.startsWith('"') ? text.slice(1, -1).replaceAll(/\\(.)/g, "$1") : Number(text);
}

/** A number of a section; 0 where it has none. */
export function numberIn(section: LvmSection, name: string): number {
  const value = section.get(name);
  return typeof value === "number" && Number.isSafeInteger(value) ? value : 0;
}

/** A text of a section; empty where it has none. */
export function textIn(section: LvmSection, name: string): string {
  const value = section.get(name);
  return typeof value === "string" ? value : "";
}

/** The items of a list of a section. */
export function listIn(section: LvmSection, name: string): readonly (string | number)[] {
  const value = section.get(name);
  return Array.isArray(value) ? (value as readonly (string | number)[]) : [];
}

/** The sections in a section. */
export function sectionsIn(section: LvmSection, name?: string): [name: string, section: LvmSection][] {
  const from = name === undefined ? section : section.get(name);
  if (!(from instanceof Map)) return [];
  return [...(from as LvmSection)].flatMap(([key, value]) =>
    value instanceof Map ? [[key, value as LvmSection] as [string, LvmSection]] : [],
  );
}
