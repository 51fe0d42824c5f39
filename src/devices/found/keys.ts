/**
 * A key for a node that is called so: one that is not taken, and has no character that means something in the paths of
 * nodes. Names that begin with `_` are disko's own.
 */
export function keyFor(name: string, taken: Iterable<string>, otherwise: string): string {
  const plain = name
    .replaceAll(/[^A-Za-z0-9_+-]+/g, "_")
    .replace(/^_+/, "")
    .slice(0, 64);
  const wanted = /[A-Za-z0-9]/.test(plain) ? plain : otherwise;
  const others = new Set(taken);
  for (let number = 1; ; number += 1) {
    const key = number === 1 ? wanted : `${wanted}_${number}`;
    if (!others.has(key)) return key;
  }
}

/** The option `name` of a node whose key does not say it already. */
export function nameBeside(key: string, name: string): { readonly name?: string } {
  return key === name ? {} : { name };
}
