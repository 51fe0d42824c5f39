import { type SourceFile, sourceFiles } from "./source-files.ts";

// Part of `make check`: what is exported is taken by somebody, and not by tests alone; every file leads back to a program; and
// the name of an exported type is unique.

const files = sourceFiles("src", "test", "bench", "fixtures", "tools");
const source = files.filter(({ path }) => path.startsWith("src/"));
const taken = takenBy(files);
const takenByPrograms = takenBy(files.filter(({ path }) => !path.startsWith("test/")));

/** The files that start by themselves: programs, a thread's, the page's. */
const programs = ["src/start/start.ts", "src/start/main.ts", "src/start/thread-main.ts", "src/web/page.ts"];
const declaration =
  /^export (?:declare )?(?:async )?(?:abstract )?(?:const|let|function\*?|class|interface|type|enum) (\w+)/gm;

const faults = source.flatMap((file) => {
  const { path, text } = file;
  const names = taken.get(path);
  if (names === undefined && !programs.includes(path)) return [`${path} is taken by nobody`];
  if (names?.has("*") === true) return [];
  const exported = [...text.matchAll(declaration)].map(([, name = ""]) => name);
  return exported.flatMap((name) => {
    if (names?.has(name) !== true) return [`${path} exports ${name}, which nobody takes`];
    // Tests may look at a part of a file, but not keep alive what nobody else needs.
    const isNeeded = takenByPrograms.get(path)?.has(name) === true || isUsedIn(file, name);
    return isNeeded ? [] : [`${path} exports ${name}, which tests alone take: it belongs to them`];
  });
});
const typeHomes = new Map<string, string>();
for (const { path, text } of source) {
  for (const [, name = ""] of text.matchAll(/^export (?:abstract )?(?:class|interface|type) (\w+)/gm)) {
    const home = typeHomes.get(name);
    if (home !== undefined) faults.push(`${path} exports a type ${name}, and so does ${home}: give one another name`);
    typeHomes.set(name, path);
  }
}
faults.forEach((fault) => console.error(fault));
if (faults.length > 0) {
  console.error(
    `${faults.length} faults of exports: where one is for nobody, drop the word export, or what it stands before`,
  );
  process.exit(1);
}

/** The names that files take from others, by the path of these. */
function takenBy(takers: readonly SourceFile[]): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const { path, imports } of takers) {
    for (const { path: other, names } of imports) {
      if (other === path) continue;
      found.set(other, new Set([...(found.get(other) ?? []), ...names]));
    }
  }
  return found;
}

/** Whether a file's own code speaks of what it declares. Comments do not count. */
function isUsedIn({ text }: SourceFile, name: string): boolean {
  const code = text.split("\n").filter((line) => !/^\s*(\/\*\*|\*|\/\/)/.test(line));
  const mentions = code.join("\n").matchAll(new RegExp(`\\b${name}\\b`, "g"));
  return [...mentions].length > 1;
}
