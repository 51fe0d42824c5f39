import type { ByteString } from "../manifest/byte-string.ts";
import type { Inode } from "../manifest/inode.ts";
import type { Installation } from "./installation.ts";

/** Secrets and identities that an installer makes at random: a machine makes its own at first boot. */
const neverShipped: readonly ByteString[] = ["random-seed"];

/**
 * What a guest brought back, as it would be on any other day: all times are `time`, and what is random by design is left
 * out.
 */
export function normaliseInstallation(installation: Installation, time: number): Installation {
  const normalise = <Kind extends Inode>(inode: Kind): Kind => withTime(inode, time);
  return {
    ...installation,
    trees: new Map([...installation.trees].map(([path, tree]) => [path, normalise(tree)])),
    files: new Map([...installation.files].map(([path, inode]) => [path, normalise(inode)])),
  };
}

function withTime<Kind extends Inode>(inode: Kind, time: number): Kind {
  const mtime = { seconds: time, nanoseconds: 0 };
  if (inode.type !== "directory") return { ...inode, mtime };
  const kept = [...inode.entries].filter(([name]) => !neverShipped.includes(name));
  return { ...inode, mtime, entries: new Map(kept.map(([name, entry]) => [name, withTime(entry, time)])) };
}
