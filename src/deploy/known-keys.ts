import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SshWishes } from "../remote/ssh-arguments.ts";

/** The name under which a machine's keys are looked up, whatever its address is. */
const alias = "mkimage-target";

/**
 * The wishes for a connection to a machine that has one of these host keys, and to no other. The user's own lists of known
 * hosts have no say: the address may be another one, or have had another key before.
 *
 * @param folder where the list of keys is kept as long as it is needed.
 */
export function expecting(keys: readonly string[], wishes: SshWishes, folder: string): SshWishes {
  const path = join(folder, "known-hosts");
  writeFileSync(path, keys.map((key) => `${alias} ${key}\n`).join(""), { mode: 0o600 });
  return withKeysIn(path, "yes", wishes);
}

/**
 * The wishes for a connection to a machine whose host key nobody can know. None is kept: until it restarts, the machine answers
 * with another one.
 */
export function expectingAny(wishes: SshWishes): SshWishes {
  return withKeysIn("/dev/null", "no", wishes);
}

/** Of an option that is given twice ssh takes the first one: ours come before the user's. */
function withKeysIn(path: string, checking: "yes" | "no", wishes: SshWishes): SshWishes {
  const ours = [
    `HostKeyAlias=${alias}`,
    `UserKnownHostsFile=${path}`,
    "GlobalKnownHostsFile=/dev/null",
    "KnownHostsCommand=none",
    `StrictHostKeyChecking=${checking}`,
    "CheckHostIP=no",
    "VerifyHostKeyDNS=no",
  ];
  return { ...wishes, options: [...ours, ...wishes.options] };
}
