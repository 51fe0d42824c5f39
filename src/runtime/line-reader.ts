/** Reads a text that comes in pieces, line by line. */
export interface LineReader {
  (text: string): void;
  /** Gives what follows the last line break, if there is anything. */
  end(): void;
}

/**
 * Calls with each whole line of a text that comes in pieces; what follows the last line break stays unsaid until the end.
 *
 * @param longest of a longer line the rest is left out. Default: none is cut.
 */
export function lineReader(onLine: (line: string) => void, longest = Infinity): LineReader {
  let rest = "";
  const read = (text: string): void => {
    const lines = text.split("\n");
    const last = lines.pop() ?? "";
    for (const line of lines) {
      onLine(shorten(rest + line, longest));
      rest = "";
    }
    rest = shorten(rest + last, longest);
  };
  return Object.assign(read, {
    end: () => {
      if (rest !== "") onLine(rest);
      rest = "";
    },
  });
}

function shorten(line: string, longest: number): string {
  return line.length > longest ? line.slice(0, longest) : line;
}
