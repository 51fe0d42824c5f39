import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { byteString, textOf } from "../base/byte-string.ts";
import { readContents } from "../manifest/contents.ts";
import { contentOf } from "../manifest/file-content.ts";
import { placeContents } from "../manifest/place-contents.ts";
import { lookUp } from "../manifest/tree.ts";
import type { ImageSource } from "../pipeline/plan/source.ts";
import { publicHalf } from "./facts/public-half.ts";
import type { TargetFacts } from "./facts/target-facts.ts";

const keyFolder = "etc/ssh";

/**
 * A system with the host keys of the machine that it replaces, but those that it brings itself.
 *
 * @param folder a folder in memory, which stays as long as the system is read.
 * @param seconds the time that the files have.
 */
export function withHostKeys(
  source: ImageSource,
  { hostKeys }: TargetFacts,
  folder: string,
  seconds: number,
): ImageSource {
  const missing = hostKeys.filter(({ name }) => lookUp(source.files, byteString(`${keyFolder}/${name}`)) === undefined);
  const entries = missing.map(({ name, bytes }) => {
    const path = join(folder, name);
    writeFileSync(path, bytes, { mode: 0o600 });
    return { source: path, target: `/${keyFolder}/${name}`, mode: name.endsWith(".pub") ? "0644" : "0600" };
  });
  const time = { seconds, nanoseconds: 0 };
  const contents = readContents(entries, time);
  placeContents(source.files, contents, time);
  return {
    ...source,
    asked: [...source.asked, ...contents.flatMap(({ items }) => items)],
    privateSources: [...source.privateSources, ...entries.map((entry) => byteString(entry.source))],
  };
}

/** The public host keys that a system brings along, `ssh-ed25519 AAAA…`; none where it makes them when it first starts. */
export function publicKeysOf({ files }: ImageSource): string[] {
  const folder = lookUp(files, byteString(keyFolder));
  if (folder?.type !== "directory") return [];
  const keys = [...folder.entries].flatMap(([name, inode]) => {
    if (inode.type !== "file" || !/^ssh_host_.*_key(?:\.pub)?$/.test(textOf(name)) || inode.size > longestKey)
      return [];
    const bytes = contentOf(inode);
    // A server does without the files of public keys.
    return publicHalf(bytes) ?? publicKeyIn(bytes.toString("latin1")) ?? [];
  });
  return [...new Set(keys)];
}

/** Bytes of a file with a key; a private one of RSA with 16384 bits has 13,000. */
const longestKey = 16 * 1024;

/** The type and the key of a line, without its comment. Source: sshd(8), "AUTHORIZED_KEYS FILE FORMAT". */
export function publicKeyIn(text: string): string | undefined {
  return /^(?:ssh|ecdsa|sk)-[\w@.-]+ [A-Za-z0-9+/]+={0,2}(?=\s|$)/m.exec(text)?.[0];
}
