import { Obstacle } from "./obstacle.ts";

/** By what a builder names the files of entries: the generation's number, or from 26.05 on a hash of their content. */
export type EntryNames = "generation" | "content";

/**
 * Looks whether the code around a builder's constants does what mkimage does in its place: the lines that it writes, the
 * order of an entry's lines, and how it names files. A release that changes one of these is not taken over.
 *
 * @throws Obstacle naming the first difference.
 */
export function knownEntryNames(program: string): EntryNames {
  const names = /f"nixos-\{\w*hash\w*\}"/.test(program) ? "content" : "generation";
  for (const [what, pattern] of [...landmarks, ...ownLandmarks[names]]) {
    if (!pattern.test(program)) throw new Obstacle(`its builder does not ${what} as mkimage knows it`);
  }
  refuseUnknownEntryLines(program, names);
  refuseUnknownWrites(program);
  return names;
}

type Landmark = readonly [what: string, pattern: RegExp];

const landmarks: readonly Landmark[] = [
  ["describe generations", /\{[\w.]+\.label\}, built on \{\w+\}/],
  ["write the date of a generation", /\.strftime\(["']%F["']\)/],
  ["name kernels", /\{\w+\}-\{[\w.]+\}(?:\.efi)?"|%s-%s\.efi/],
];

const ownLandmarks: Readonly<Record<EntryNames, readonly Landmark[]>> = {
  generation: [
    ["write kernel parameters", /init=(?:%s|\{[\w.]+\}) /],
    ["name specialisations", /specialisation-\{specialisation\}/],
    ["choose the default entry", /["']default (?:%s\\n|\{\w+\})/],
  ],
  content: [
    ["write kernel parameters", /" "\.join\(\[f"init=\{[\w.]+\}"\] \+ [\w.]+\)/],
    ["put an entry together", /"\\n"\.join\(filter\(None, \w+\)\)/],
    ["hash entries", /hashlib\.sha256\(\w+\)\.hexdigest\(\)/],
    ["count boots", /f"\+\{BOOT_COUNTING_TRIES\}" if BOOT_COUNTING else ""/],
    ["name entries", /\{\w+\}\{\w+\}\.conf"/],
    ["hash initrds with secrets", /"\\n"\.join\(\s*\[str\(\w+\(\w+\)\), str\(\w+\(\w+\)\)\]\s*\)/],
    ["name initrds with secrets", /f"\{\w+\}-initrd\.efi"/],
    ["choose the default entry", /f"default \{\w+\}\\n"/],
    ["prefer entries whose boots are counted", /f"preferred \{\w+\}\\n"\)\s*\w+\.write\("default nixos-\*\\n"\)/],
  ],
};

/** The lines of an entry, in their order. A sort key came with 24.05. */
const entryLines: Readonly<Record<EntryNames, RegExp>> = {
  generation: /^title (?:sort-key )?version linux initrd options$/,
  content: /^title version linux initrd (?:initrd )?options machine-id devicetree sort-key$/,
};

function refuseUnknownEntryLines(program: string, names: EntryNames): void {
  const keywords = (names === "content" ? keywordsOfContent(program) : keywordsOfEntry(program)).join(" ");
  if (entryLines[names].test(keywords)) return;
  throw new Obstacle(`its builder writes entries with the lines "${keywords}", which mkimage does not know`);
}

/** An entry is one text of many lines, or a list of strings with a line each. */
function keywordsOfEntry(program: string): string[] {
  const text = /^BOOT_ENTRY = """([\s\S]*?)"""/m.exec(program)?.[1] ?? listedLines(program);
  return [...text.matchAll(/^([\w-]+) /gm)].flatMap((match) => match[1] ?? []);
}

function listedLines(program: string): string {
  const list = /\[\s*f?["']title [\s\S]*?\n\s*\]/.exec(program)?.[0] ?? "";
  return [...list.matchAll(/^\s*\[?\s*f?["'](.*)$/gm)].map((match) => match[1]).join("\n");
}

/** Lists of strings, up to the place where they are joined. */
function keywordsOfContent(program: string): string[] {
  const lists = /\[\s*f"title [\s\S]*?(?="\\n"\.join\()/.exec(program)?.[0] ?? "";
  return [...lists.matchAll(/f"([\w-]+) /g)].flatMap((match) => match[1] ?? []);
}

/** Whatever else is written into a file begins with one of these. */
const furtherLines = /^(?:timeout|default|preferred|editor|reboot-for-bitlocker|console-mode|machine-id|devicetree) /;

function refuseUnknownWrites(program: string): void {
  for (const [, argument = ""] of program.matchAll(/\.(?:write|append)\(\s*([^\n]*)/g)) {
    const text = /^f?["'](?!--)(.*)$/.exec(argument)?.[1];
    if (text !== undefined && !furtherLines.test(text)) {
      throw new Obstacle(`its builder writes ${argument}, which mkimage does not know`);
    }
  }
}
