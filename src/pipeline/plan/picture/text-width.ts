/** How many columns of a terminal a text takes. */
export function textWidth(text: string): number {
  return [...text].reduce((sum, character) => sum + characterWidth(character), 0);
}

/** The text in exactly so many columns: cut off with a mark, or filled up with blanks. */
export function fitted(text: string, width: number, mark: string): string {
  const total = textWidth(text);
  if (total <= width) return text + " ".repeat(width - total);
  const kept = cut(text, Math.max(0, width - mark.length));
  return fitted(kept + mark.slice(0, width), width, mark);
}

function cut(text: string, width: number): string {
  let used = 0;
  return [...text].filter((character) => (used += characterWidth(character)) <= width).join("");
}

const wide =
  /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Emoji_Presentation}|[\uFF01-\uFF60]/u;

/** Marks stand above the character before them. */
function characterWidth(character: string): number {
  if (/\p{M}/u.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}
