import { sourceFiles } from "./source-files.ts";

// Part of `make check`: what is exported is taken by somebody, every file leads back to a program, and the name of an
// exported type is unique.

const files = sourceFiles("src", "test", "bench", "fixtures", "tools");
const source = files.filter(({ path }) => path.startsWith("src/"));
const taken = new Map<string, Set<string>>();
for (const { path, imports } of files) {
  for (const { path: other, names } of imports) {
    if (other === path) continue;
    for (const name of names) taken.set(other, (taken.get(other) ?? new Set()).add(name));
  }
}

/** The files that start by themselves: programs, a thread's, the page's. */
const programs = ["src/start/start.ts", "src/start/main.ts", "src/start/thread-main.ts", "src/web/page.ts"];
const declaration =
  /^export (?:declare )?(?:async )?(?:abstract )?(?:const|let|function\*?|class|interface|type|enum) (\w+)/gm;

const faults = source.flatMap(({ path, text }) => {
  const names = taken.get(path);
  if (names === undefined && !programs.includes(path)) return [`${path} is taken by nobody`];
  if (names?.has("*") === true) return [];
  const exported = [...text.matchAll(declaration)].map(([, name = ""]) => name);
  return exported
    .filter((name) => names?.has(name) !== true)
    .map((name) => `${path} exports ${name}, which nobody takes`);
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
