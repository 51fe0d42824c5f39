import { type MachineRecords, textsIn } from "../../remote/records.ts";

/** The answers of a machine to `targetFactsScript`, in the forms in which they are asked for. */
export interface Said {
  /** The value of a thing that has one. */
  word(key: string): string | undefined;
  /** The values of a thing that can have several. */
  words(key: string): readonly string[];
  /** The text of a file. */
  text(path: string): string | undefined;
  /** The paths of the files whose text was said. */
  readonly textPaths: readonly string[];
  /** The first lines of what a program, or a long file, said. */
  lines(name: string): readonly string[];
  readonly folders: ReadonlySet<string>;
  /** The places in sysfs of disks, network cards, or watchdogs that run. */
  places(kind: "block" | "net" | "watchdog"): readonly { readonly name: string; readonly path: string }[];
}

/** Gives access to what a machine said. Pure. */
export function saidIn(records: MachineRecords): Said {
  const texts = textsIn(records);
  const words = byFirst(records.of("U"));
  const lines = byFirst(records.of("C"));
  const places = records.of("P");
  return {
    word: (key) => words.get(key)?.find((value) => value !== ""),
    words: (key) => words.get(key) ?? [],
    text: (path) => texts.get(path),
    textPaths: [...texts.keys()],
    lines: (name) => lines.get(name) ?? [],
    folders: new Set(records.of("D").map(([path = ""]) => path)),
    places: (kind) => places.filter(([first]) => first === kind).map(([, name = "", path = ""]) => ({ name, path })),
  };
}

function byFirst(records: readonly (readonly string[])[]): Map<string, string[]> {
  const groups = Map.groupBy(records, ([first = ""]) => first);
  return new Map([...groups].map(([first, group]) => [first, group.map(([, ...rest]) => rest.join("\t"))]));
}
