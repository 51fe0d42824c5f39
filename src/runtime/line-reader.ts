/** Calls with each whole line of a text that comes in pieces; what follows the last line break stays unsaid. */
export function lineReader(onLine: (line: string) => void): (text: string) => void {
  let rest = "";
  return (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    lines.forEach((line) => onLine(line));
  };
}
