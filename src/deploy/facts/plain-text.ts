const longest = 200;

/** Returns the text of another machine without control characters, and no longer than anybody reads. Pure. */
export function plainText(text: string): string {
  return text
    .trim()
    .slice(0, longest)
    .replaceAll(/[\p{C}\u2028\u2029]/gu, "\ufffd");
}
