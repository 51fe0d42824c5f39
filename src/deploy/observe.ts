import { MkimageError } from "../base/errors.ts";
import type { RemoteHost } from "../remote/address.ts";
import { runScript } from "../remote/run-ssh.ts";
import { sshArguments, type SshWishes } from "../remote/ssh-arguments.ts";

/** The kind of thing that answers at an address. */
export type Sight =
  | { readonly kind: "nothing"; readonly why: string }
  | { readonly kind: "other key" }
  | { readonly kind: "no login" }
  | { readonly kind: "rescue"; readonly boot: string }
  | { readonly kind: "system"; readonly toplevel: string; readonly boot: string; readonly uptimeSeconds: number };

/**
 * Looks what answers at an address, by a connection of its own. Nothing of it is an error: a machine that is starting up says many things.
 *
 * @throws MkimageError INTERRUPTED, MISSING_TOOL.
 */
export async function observe(host: RemoteHost, wishes: SshWishes): Promise<Sight> {
  const options = ["BatchMode=yes", "ConnectTimeout=5", ...wishes.options];
  const shared = sshArguments(host, { ...wishes, options }, "none");
  const command = { elevate: [], script: sightScript, arguments_: [] };
  try {
    const output = await runScript(host.destination, shared, command, { signal: wishes.signal, deadlineSeconds: 30 });
    return readSight(output);
  } catch (error) {
    if (!(error instanceof MkimageError) || error.code === "INTERRUPTED" || error.code === "MISSING_TOOL") throw error;
    return sightOfFailure(error);
  }
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
  if (/Permission denied|Too many authentication failures/.test(text)) return { kind: "no login" };
  return { kind: "nothing", why: details.findLast((line) => line.trim() !== "") ?? message };
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
    case "rescue":
      return "the rescue system still runs";
    case "system":
      return sight.toplevel === "none" ? "a system that is no NixOS runs" : `${sight.toplevel} runs`;
  }
}
