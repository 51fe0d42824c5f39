import { MkimageError } from "../base/errors.ts";
import type { RemoteHost } from "../remote/address.ts";
import { runScript } from "../remote/run-ssh.ts";
import { sshArguments, type SshWishes } from "../remote/ssh-arguments.ts";

/** The kind of thing that answers at an address. */
export type Sight =
  | { readonly kind: "nothing"; readonly why: string }
  | { readonly kind: "other key" }
  | { readonly kind: "no login" }
  | { readonly kind: "locked key"; readonly path: string }
  | { readonly kind: "rescue"; readonly boot: string }
  | { readonly kind: "system"; readonly toplevel: string; readonly boot: string; readonly uptimeSeconds: number };

/**
 * Looks what answers at an address, by a connection of its own. Nothing of it is an error: a machine that is starting up says many things.
 *
 * @throws MkimageError INTERRUPTED, MISSING_TOOL.
 */
export async function observe(host: RemoteHost, wishes: SshWishes): Promise<Sight> {
  const { environment, signal } = wishes;
  const shared = sshArguments(host, { ...wishes, options: [...quietOptions(wishes), ...wishes.options] }, "none");
  const command = { elevate: [], script: sightScript, arguments_: [] };
  const limits = { signal, deadlineSeconds: 30, ...(environment === undefined ? {} : { environment }) };
  try {
    return readSight(await runScript(host.destination, shared, command, limits));
  } catch (error) {
    if (!(error instanceof MkimageError) || error.code === "INTERRUPTED" || error.code === "MISSING_TOOL") throw error;
    return sightOfFailure(error);
  }
}

/**
 * The options by which nothing waits for somebody to type: a password that a program tells is asked for as any other. Which keys
 * a machine knows ssh says as it goes.
 */
export function quietOptions({ environment }: Pick<SshWishes, "environment">): string[] {
  return [...(environment === undefined ? ["BatchMode=yes"] : []), "LogLevel=DEBUG1", "ConnectTimeout=5"];
}

/** Prints the boot's id, the uptime, and the running system, or that it is our rescue system. Source: proc(5). */
const sightScript = `read -r boot </proc/sys/kernel/random/boot_id
read -r up rest </proc/uptime
printf '%s\\n%s\\n' "$boot" "$up"
if [ -e /etc/mkimage-rescue ]; then echo rescue; else readlink /run/current-system || echo none; fi
`;

/** Reads what `sightScript` printed. */
export function readSight(output: string): Sight {
  const [boot = "", uptime = "", toplevel = ""] = output.split("\n");
  if (toplevel === "rescue") return { kind: "rescue", boot };
  return { kind: "system", toplevel, boot, uptimeSeconds: Number(uptime) || 0 };
}

/** Reads what ssh says when it does not get in. Source: OpenSSH's messages, the same since 5.9. */
export function sightOfFailure({ message, details }: MkimageError): Sight {
  const text = details.join("\n");
  if (/REMOTE HOST IDENTIFICATION HAS CHANGED|Host key verification failed/.test(text)) return { kind: "other key" };
  if (/Permission denied|Too many authentication failures/.test(text)) {
    // A key that the machine takes, and nobody could sign with.
    const path = /^debug1: Server accepts key: (.+) [A-Z0-9-]+ SHA256:/m.exec(text)?.[1];
    return path === undefined ? { kind: "no login" } : { kind: "locked key", path };
  }
  return {
    kind: "nothing",
    why: details.findLast((line) => line.trim() !== "" && !/^debug\d: /.test(line)) ?? message,
  };
}

/** A sight in words. */
export function describeSight(sight: Sight): string {
  switch (sight.kind) {
    case "nothing":
      return `nothing answers (${sight.why})`;
    case "other key":
      return "something answers with another host key than the expected one";
    case "no login":
      return "it answers with the expected host key, and lets nobody in";
    case "locked key":
      return `it answers with the expected host key, and lets in who has ${sight.path}, which has a passphrase that no agent knows`;
    case "rescue":
      return "the rescue system still runs";
    case "system":
      return sight.toplevel === "none" ? "a system that is no NixOS runs" : `${sight.toplevel} runs`;
  }
}
