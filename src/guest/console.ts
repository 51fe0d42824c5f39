import { stripVTControlCharacters } from "node:util";

/** How many lines of a console an error shows. */
const shownLines = 20;
const keptLines = 200;
const panicWords = /Kernel panic - not syncing: (.*)/;

/** An escape sequence that Node does not recognise: `ESC [ = 3 h`, which UEFI begins with. */
const setScreenMode = "\u001b[=3h";

/** The output of a machine's serial console, read as it arrives. */
export interface Console {
  /** The lines so far, the last few hundred of them, without escape sequences; the last may be unfinished. */
  lines(): readonly string[];
  /** The last lines for an error. */
  lastLines(): readonly string[];
  /** The message of a kernel that gave up, if one did. */
  panic(): string | undefined;
  feed(text: string): void;
}

/** Reads a serial console; `onLine` gets each line when it is complete. */
export function readConsole(onLine: (line: string) => void = () => {}): Console {
  const kept: string[] = [];
  let unfinished = "";
  let panic: string | undefined;

  function finish(raw: string): void {
    const line = plainText(raw);
    panic ??= panicWords.exec(line)?.[1];
    kept.push(line);
    if (kept.length > keptLines) kept.shift();
    onLine(line);
  }

  const lines = () => (unfinished === "" ? [...kept] : [...kept, plainText(unfinished)]);
  return {
    lines,
    lastLines: () => untilPanic(lines()).slice(-shownLines),
    panic: () => panic,
    feed: (text) => {
      const pieces = (unfinished + text).split("\n");
      unfinished = pieces.pop() ?? "";
      for (const piece of pieces) finish(piece);
    },
  };
}

/** After its last words a kernel prints its registers, which tell nothing to most readers. */
function untilPanic(lines: readonly string[]): string[] {
  const last = lines.findIndex((line) => panicWords.test(line));
  return (last === -1 ? lines : lines.slice(0, last + 1)).filter((line) => line.trim() !== "");
}

/** A line as it would look on paper: firmware and boot loaders move the cursor and set colours. */
function plainText(line: string): string {
  const known = line.replaceAll(setScreenMode, "");
  return stripVTControlCharacters(known).replaceAll(/[^\P{Cc}\t]/gu, "");
}
