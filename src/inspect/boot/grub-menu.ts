import { MiB } from "../../layout/units.ts";
import { readContent } from "../file-content.ts";
import { type BootVolume, findFile } from "./locate.ts";
import type { MenuEntry, NamedFile } from "./menu-entry.ts";

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
 * Reads what a menu says without running it: entries, and which filesystem `search` gives to a variable. What depends on
 * variables of GRUB's shell is not looked for.
 *
 * Source: GRUB manual, "Configuration", "search", "linux", "initrd".
 */
class MenuReader {
  readonly #volumes: readonly BootVolume[];
  readonly #source: string;
  readonly #found = new Map<string, BootVolume | null>();
  readonly #drafts: Draft[] = [];
  #default = "0";

  constructor(own: BootVolume, volumes: readonly BootVolume[], source: string) {
    this.#volumes = volumes;
    this.#source = source;
    this.#found.set("root", own);
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
    const same = (text: string | null): boolean => text?.toLowerCase() === wanted.toLowerCase();
    this.#found.set(variable, this.#volumes.find(({ uuid, label }) => same(uuid) || same(label)) ?? null);
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
    const number = Number(/(\d+)$/.exec(device.split(",")[1] ?? "")?.[1]);
    return { path, volume: this.#volumes.find(({ partition }) => partition === number) ?? null };
  }
}

/** The words of a line, with quotes taken off. */
function wordsOf(line: string): string[] {
  const words = line.trim().match(/(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'\\])+/g) ?? [];
  return words[0]?.startsWith("#") === true ? [] : words.map(unquoted);
}

function unquoted(word: string): string {
  return word.replaceAll(/"((?:\\.|[^"\\])*)"|'([^']*)'|\\(.)/g, (_, double?: string, single?: string, one?: string) =>
    double === undefined ? (single ?? one ?? "") : double.replaceAll(/\\(.)/g, "$1"),
  );
}
