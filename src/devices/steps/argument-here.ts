/** An argument in which each device has its name here: `/dev/x`, `logdev=/dev/x,size=8m`. */
export function argumentHere(word: string, names: ReadonlyMap<string, string>): string {
  return word
    .split(/([,=])/)
    .map((part) => names.get(part) ?? part)
    .join("");
}
