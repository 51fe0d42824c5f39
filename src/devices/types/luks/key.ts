import type { LuksNode } from "./schema.ts";

/** The key of a container: a key file that cryptsetup reads, a file with a password, or a password that is asked for. */
type LuksKey =
  | { readonly kind: "key file" | "password file"; readonly path: string }
  | { readonly kind: "asked" }
  /** A password that is forgotten as soon as a token opens it. */
  | { readonly kind: "drawn" };

/** `settings.keyFile`, then a password that is asked for, then `passwordFile`, then `keyFile`; none where a token opens it. */
export function luksKeyOf({ settings, askPassword, passwordFile, keyFile, enrollFido2 }: LuksNode): LuksKey {
  const { keyFile: settingsKey } = settings;
  if (typeof settingsKey === "string") return { kind: "key file", path: settingsKey };
  const hasFile = passwordFile !== null || keyFile !== null;
  if (askPassword ?? !(hasFile || enrollFido2)) return { kind: "asked" };
  if (enrollFido2 && !hasFile) return { kind: "drawn" };
  return passwordFile === null
    ? { kind: "key file", path: keyFile ?? "" }
    : { kind: "password file", path: passwordFile };
}

/** The files with the keys of a container: of its first slot, where that has one, and further ones. */
export function keyFilesOf(node: LuksNode): string[] {
  const key = luksKeyOf(node);
  const first = "path" in key && key.path !== "" ? [key.path] : [];
  return [...first, ...node.additionalKeyFiles];
}
