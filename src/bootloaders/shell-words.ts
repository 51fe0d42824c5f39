/**
 * The words of one line of a shell script, when it is one plain command: words, quotes and the variables named in
 * `variables`. `undefined` when the line does anything else (pipes, redirections, expansions, several commands).
 */
export function shellWords(line: string, variables: Readonly<Record<string, string>> = {}): string[] | undefined {
  const words: string[] = [];
  let rest = line.trim();
  while (rest !== "" && !rest.startsWith("#")) {
    const word = leadingWord(rest, variables);
    if (word === undefined) return undefined;
    words.push(word.text);
    rest = rest.slice(word.length).trimStart();
  }
  return words;
}

interface Piece {
  readonly text: string;
  /** How many characters of the line it takes. */
  readonly length: number;
}

function leadingWord(line: string, variables: Readonly<Record<string, string>>): Piece | undefined {
  let text = "";
  let length = 0;
  while (length < line.length && !/\s/.test(line.charAt(length))) {
    const piece = leadingPiece(line.slice(length), variables);
    if (piece === undefined) return undefined;
    text += piece.text;
    length += piece.length;
  }
  return { text, length };
}

function leadingPiece(line: string, variables: Readonly<Record<string, string>>): Piece | undefined {
  const single = /^'([^']*)'/.exec(line);
  if (single !== null) return { text: single[1] ?? "", length: single[0].length };
  const double = /^"((?:[^"\\`]|\\.)*)"/.exec(line);
  if (double !== null) return expanded(double[1] ?? "", double[0].length, variables);
  const escaped = /^\\(.)/.exec(line);
  if (escaped !== null) return { text: escaped[1] ?? "", length: 2 };
  const plain = /^[^\s'"\\`|&;<>(){}*?[\]~]+/.exec(line);
  return plain === null ? undefined : expanded(plain[0], plain[0].length, variables);
}

function expanded(text: string, length: number, variables: Readonly<Record<string, string>>): Piece | undefined {
  let known = true;
  const value = text.replaceAll(/\\(["$`\\])|\$(\{?)([A-Za-z_]\w*|@)?(\}?)/g, (...match: (string | undefined)[]) => {
    if (match[1] !== undefined) return match[1];
    const found = variables[match[3] ?? ""];
    known &&= found !== undefined && Boolean(match[2]) === Boolean(match[4]);
    return found ?? "";
  });
  return known ? { text: value, length } : undefined;
}
