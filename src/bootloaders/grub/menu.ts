import { MiB } from "../../base/units.ts";
import { readContent } from "../../manifest/stored-content.ts";
import { type BootVolume, findFile } from "../menu/boot-volume.ts";
import type { MenuEntry, NamedFile } from "../menu/menu-entry.ts";

const places = ["grub/grub.cfg", "boot/grub/grub.cfg", "grub2/grub.cfg", "boot/grub2/grub.cfg"];

/** The entries of GRUB's menu in a filesystem. `volumes` are all that it could name. */
export function grubEntries(volume: BootVolume, volumes: readonly BootVolume[]): MenuEntry[] {
  return places.flatMap((path) => {
    const file = findFile(volume, path);
    if (file === undefined) return [];
    const text = readContent(file, 4 * MiB).toString("utf8");
    return new MenuReader(volume, volumes, `${path} on ${volume.name}`).read(text);
  });
}

interface Draft {
  readonly title: string;
  kernel: NamedFile | null;
  initrd: readonly NamedFile[];
  options: string;
}

/**
 * Reads a menu without running it: its entries, and the filesystem that `search` assigns to a variable. Files whose place
 * depends on variables of GRUB's shell are not looked for.
 *
 * Source: GRUB manual, "Configuration", "search", "linux", "initrd".
 */
class MenuReader {
  readonly #volumes: readonly BootVolume[];
  readonly #source: string;
  readonly #found = new Map<string, BootVolume | null>();
  /** By label and UUID, in small letters; the first of those with the same. */
  readonly #byName = new Map<string, BootVolume>();
  readonly #drafts: Draft[] = [];
  #default = "0";

  constructor(own: BootVolume, volumes: readonly BootVolume[], source: string) {
    this.#volumes = volumes;
    this.#source = source;
    this.#found.set("root", own);
    for (const volume of volumes.toReversed()) {
      for (const name of [volume.label, volume.uuid]) if (name !== null) this.#byName.set(name.toLowerCase(), volume);
    }
  }

  read(text: string): MenuEntry[] {
    for (const line of text.split("\n")) this.#readLine(wordsOf(line));
    return this.#drafts.map((draft, index) => ({
      ...draft,
      source: this.#source,
      isDefault: [String(index), draft.title].includes(this.#default),
    }));
  }

  #readLine([command = "", ...words]: readonly string[]): void {
    const draft = this.#drafts.at(-1);
    if (command === "menuentry") this.#drafts.push({ title: words[0] ?? "", kernel: null, initrd: [], options: "" });
    else if (command === "search") this.#search(words);
    else if (command === "set" && words[0]?.startsWith("default=")) this.#default = words[0].slice("default=".length);
    else if (draft !== undefined && /^(linux|linux16|linuxefi|multiboot2?|chainloader)$/.test(command)) {
      draft.kernel = this.#file(words[0] ?? "");
      draft.options = words.slice(1).join(" ");
    } else if (draft !== undefined && /^(initrd|initrd16|initrdefi)$/.test(command))
      draft.initrd = words.map((word) => this.#file(word));
  }

  #search(words: readonly string[]): void {
    const at = words.findIndex((word) => word === "--set" || word.startsWith("--set="));
    const separate = words[at] === "--set" ? words[at + 1] : undefined;
    const variable = separate ?? words[at]?.slice("--set=".length);
    const wanted = words.findLast((word) => !word.startsWith("-") && word !== separate);
    if (variable === undefined || variable === "" || wanted === undefined) return;
    this.#found.set(variable, this.#byName.get(wanted.toLowerCase()) ?? null);
  }

  /** `(hd0,gpt2)/path`, `($drive1)/path`, or a path of the filesystem that `root` stands for. */
  #file(word: string): NamedFile {
    const [, device, path = ""] = /^(?:\(([^)]*)\))?(.*)$/s.exec(word) ?? [];
    const isVariable = path.includes("$") || path === "";
    return { path: word, ...(isVariable ? { volume: null } : this.#placed(device, path)) };
  }

  #placed(device: string | undefined, path: string): NamedFile {
    if (device === undefined) return { path, volume: this.#found.get("root") ?? null };
    if (device.startsWith("$")) return { path, volume: this.#found.get(device.replaceAll(/[${}]/g, "")) ?? null };
    const number = Number(/(\d{1,9})$/.exec(device.split(",")[1] ?? "")?.[1]);
    return { path, volume: this.#volumes.find(({ partition }) => partition === number) ?? null };
  }
}

/**
 * The words of a line, with quotes taken off: double ones, in which a backslash stands before what is meant as it is, and
 * single ones. A quote that is not closed reaches to the line's end.
 */
function wordsOf(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (const part of partsOf(line)) {
    if (part !== undefined) word = (word ?? "") + part;
    else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  if (word !== undefined) words.push(word);
  return line.trimStart().startsWith("#") ? [] : words;
}

/** Splits a line into the parts of its words; `undefined` for blanks between words. Reads each character once. */
function* partsOf(line: string): Generator<string | undefined> {
  for (let at = 0; at < line.length;) {
    const [kind, end] = pieceAt(line, at);
    const text = line.slice(at, end);
    at = end;
    if (kind === "blank") yield undefined;
    else if (kind === "plain") yield text;
    else if (kind === "single") yield text.replaceAll("'", "");
    else yield text.replaceAll(/^"|"$/g, "").replaceAll(/\\(.)/g, "$1");
  }
}

type Kind = "blank" | "plain" | "single" | "double" | "escaped";

/** Finds the kind and the end of the piece that begins at this place of a line. */
function pieceAt(line: string, at: number): [kind: Kind, end: number] {
  const character = line[at] as string;
  if (character === "\\") return ["escaped", at + 2];
  if (character === "'") return ["single", endOf(line.indexOf("'", at + 1), line)];
  if (character === '"') return ["double", endOf(closingQuote(line, at + 1), line)];
  const isBlank = /\s/.test(character);
  const pattern = isBlank ? /\s+/y : /[^\s"'\\]+/y;
  pattern.lastIndex = at;
  pattern.test(line);
  return [isBlank ? "blank" : "plain", pattern.lastIndex];
}

function closingQuote(line: string, from: number): number {
  for (let at = from; at < line.length; at += 1) {
    if (line[at] === '"') return at;
    if (line[at] === "\\") at += 1;
  }
  return -1;
}

function endOf(at: number, { length }: string): number {
  return at === -1 ? length : at + 1;
}
