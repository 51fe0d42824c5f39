import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { MkimageError } from "../base/errors.ts";
import type { RemoteDisk } from "../remote/address.ts";
import { connect, type Connection } from "../remote/connection.ts";
import type { SshWishes } from "../remote/ssh-arguments.ts";
import { openTemporaryWorkspace } from "../runtime/workspace.ts";
import type { TargetFacts } from "./facts/target-facts.ts";

/** A machine that is known by its keys, whatever its address is now. */
export interface ExpectedHost {
  readonly address: Pick<RemoteDisk, "destination" | "port">;
  readonly hostKeys: TargetFacts["hostKeys"];
  readonly wishes: SshWishes;
}

/**
 * Connects to a machine by the user's own ssh, if it has one of the keys that are expected: neither the user's known hosts
 * nor a question decides.
 *
 * @throws MkimageError REMOTE_FAILED as `connect`; BAD_REQUEST when no public key is expected; INTERRUPTED.
 */
export async function connectToExpected({ address, hostKeys, wishes }: ExpectedHost): Promise<Connection> {
  const workspace = await openTemporaryWorkspace();
  try {
    const path = join(workspace.folder, "known-hosts");
    writeFileSync(path, knownHosts(hostKeys), { mode: 0o600 });
    const options = [...expectation(path), ...wishes.options];
    const connection = await connect(address, { ...wishes, options });
    const close = async (): Promise<void> => {
      await connection[Symbol.asyncDispose]();
      workspace.remove();
    };
    return { ...connection, [Symbol.asyncDispose]: close };
  } catch (error) {
    workspace.remove();
    throw error;
  }
}

/** Stands for the machine in known hosts, so that neither address nor port matters. */
const alias = "mkimage-target";

/** Of options that are given twice ssh takes the first. */
function expectation(path: string): string[] {
  return [
    `UserKnownHostsFile="${path.replaceAll("%", "%%")}"`,
    "GlobalKnownHostsFile=/dev/null",
    `HostKeyAlias=${alias}`,
    "StrictHostKeyChecking=yes",
    "CheckHostIP=no",
    "UpdateHostKeys=no",
    "BatchMode=yes",
    "ConnectTimeout=10",
  ];
}

/** Source: sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT". */
function knownHosts(hostKeys: TargetFacts["hostKeys"]): string {
  const keys = hostKeys.flatMap(({ bytes }) => publicKey.exec(Buffer.from(bytes).toString("latin1"))?.[1] ?? []);
  if (keys.length > 0) return keys.map((key) => `${alias} ${key}\n`).join("");
  throw new MkimageError("BAD_REQUEST", "the machine has no public host key that it could be known by", {
    hint: "make it one there: ssh-keygen -A",
  });
}

const publicKey = /^((?:ssh|ecdsa|sk)-[\w@.-]+ [A-Za-z0-9+/=]+)(?:\s|$)/;
