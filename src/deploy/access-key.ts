import { readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../runtime/run.ts";
import type { HostKeyFile } from "./facts/target-facts.ts";

/** A key of one deployment, by which it comes into the rescue system, whatever way it came in before. */
interface AccessKey {
  /** The path of the private key. */
  readonly path: string;
  /** A line as in authorized_keys. */
  readonly line: string;
}

/**
 * Makes a key.
 *
 * @param folder a folder in memory, which stays as long as the key is needed.
 * @throws MkimageError MISSING_TOOL.
 */
export async function makeAccessKey(folder: string): Promise<AccessKey> {
  const path = join(folder, "access-key");
  await run("ssh-keygen", keyArguments(path));
  return { path, line: readFileSync(`${path}.pub`, "utf8").trim() };
}

/**
 * Makes a host key for a machine that has none yet.
 *
 * @param folder a folder in memory.
 * @throws MkimageError MISSING_TOOL.
 */
export async function makeHostKey(folder: string): Promise<HostKeyFile[]> {
  const name = "ssh_host_ed25519_key";
  const path = join(folder, name);
  await run("ssh-keygen", keyArguments(path));
  return [name, `${name}.pub`].map((file) => ({ name: file, bytes: readFileSync(join(folder, file)) }));
}

function keyArguments(path: string): string[] {
  return ["-q", "-t", "ed25519", "-N", "", "-C", "mkimage deploy", "-f", path];
}
