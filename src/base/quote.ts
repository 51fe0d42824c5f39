/** One word of a POSIX shell command that stands for exactly this text. */
export function quote(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A command line that a POSIX shell reads back as exactly these arguments. */
export function quoteArguments(argv: readonly string[]): string {
  return argv.map(quote).join(" ");
}
