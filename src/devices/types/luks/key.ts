import type { LuksNode } from "./schema.ts";

/** The key of a container: a key file that cryptsetup reads, a file with a password, or a password that is asked for. */
type LuksKey = { readonly kind: "key file" | "password file"; readonly path: string } | { readonly kind: "asked" };

/** `settings.keyFile`, then a password that is asked for, then `passwordFile`, then `keyFile`. */
export function luksKeyOf({ settings, askPassword, passwordFile, keyFile }: LuksNode): LuksKey {
  const { keyFile: settingsKey } = settings;
  if (typeof settingsKey === "string") return { kind: "key file", path: settingsKey };
  if (askPassword ?? (passwordFile === null && keyFile === null)) return { kind: "asked" };
  return passwordFile === null
    ? { kind: "key file", path: keyFile ?? "" }
    : { kind: "password file", path: passwordFile };
}

/** The files with the keys of a container: of its first slot, where that has one, and further ones. */
export function keyFilesOf(node: LuksNode): string[] {
  const key = luksKeyOf(node);
  const first = key.kind === "asked" || key.path === "" ? [] : [key.path];
  return [...first, ...node.additionalKeyFiles];
}
