import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { KiB } from "../base/units.ts";
import type { RemoteHost } from "../remote/address.ts";
import { sshArguments, type SshWishes } from "../remote/ssh-arguments.ts";
import { run } from "../runtime/run.ts";
import { publicHalf } from "./facts/public-half.ts";
import { publicKeyIn } from "./final-keys.ts";

/**
 * The public keys that the user's ssh has for a machine, `ssh-ed25519 AAAA…`: in its files and its agent, whether the machine knows
 * them or not.
 *
 * @throws MkimageError MISSING_TOOL, INTERRUPTED.
 */
export async function ownKeys(host: RemoteHost, wishes: SshWishes): Promise<string[]> {
  const { stdout } = await run("ssh", [...sshArguments(host, wishes, "none"), "-G", host.destination], {
    signal: wishes.signal,
    deadlineSeconds: 60,
  });
  const valuesOf = (key: string) =>
    [...stdout.matchAll(new RegExp(`^${key} (.*)$`, "gm"))].map(([, value = ""]) => value);
  const files = valuesOf("identityfile").flatMap((path) => keyOfFile(path.replace(/^~(?=\/)/, homedir())) ?? []);
  return [...new Set([...files, ...(await keysOfAgent(valuesOf("identityagent")[0], wishes.signal))])];
}

/** The public key of an identity, by its own file, or by what the private one tells without its passphrase. */
function keyOfFile(path: string): string | undefined {
  return publicKeyIn(contentsOf(`${path}.pub`).toString("latin1")) ?? publicHalf(contentsOf(path));
}

/** ssh lists files that it would look for; those that are none are as good as empty. */
function contentsOf(path: string): Buffer {
  try {
    return statSync(path).size > longestKey ? Buffer.alloc(0) : readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}

const longestKey = 32 * KiB;

/** Source: ssh_config(5), IdentityAgent; ssh-add(1). */
async function keysOfAgent(socket: string | undefined, signal: AbortSignal | undefined): Promise<string[]> {
  if (socket === "none") return [];
  const environment = socket?.startsWith("/") === true ? { environment: { SSH_AUTH_SOCK: socket } } : {};
  const listing = run("ssh-add", ["-L"], { signal, deadlineSeconds: 60, ...environment });
  const lines = await listing.then(
    ({ stdout }) => stdout.split("\n"),
    // Most often there is no agent, or it has no keys.
    (error: unknown) => (signal?.aborted === true ? Promise.reject(error) : []),
  );
  return lines.flatMap((line) => publicKeyIn(line) ?? []);
}
