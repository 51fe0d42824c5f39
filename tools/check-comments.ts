import { sourceFiles } from "./source-files.ts";

// Part of `make check`: a doc comment begins with a noun phrase or a verb, so that its first words say what it is of.

const riddle = /^\s*(?:\/\*\*|\*) (What|Who|Whom|Whose)\b/;

const faults = sourceFiles("src", "test", "bench", "fixtures", "tools").flatMap(({ path, text }) =>
  text.split("\n").flatMap((line, index) => {
    const [, word] = riddle.exec(line) ?? [];
    return word === undefined ? [] : [`${path}:${index + 1} begins with ${word}: begin with a noun phrase or a verb`];
  }),
);
faults.forEach((fault) => console.error(fault));
if (faults.length > 0) process.exit(1);
