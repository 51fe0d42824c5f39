import { basename } from "node:path";
import { MkimageError } from "../../base/errors.ts";
import { byteString } from "../../base/byte-string.ts";
import type { ArchiveEntry } from "../../guest/cpio.ts";
import type { TargetFacts } from "../facts/target-facts.ts";

/** The keys of those who may come in, and those by which the machine proves that it is the same one. */
export interface Access {
  /** The machine's own; the files of other names than private keys have are left out. */
  readonly hostKeys: TargetFacts["hostKeys"];
  /** Lines as in authorized_keys, of those who may have a shell. */
  readonly authorizedKeys: readonly string[];
  /** The port that the machine is reached at, as it calls it itself. */
  readonly port: number;
  /** Another name for root: of the user who came in before, and may come again by the same command. */
  readonly user?: string | undefined;
}

/**
 * The files of a server of SSH that lets in root by key alone. They hold secrets.
 *
 * @throws MkimageError BAD_REQUEST when the machine has no host key, or nobody has a key to it.
 */
export function accessFiles(access: Access): ArchiveEntry[] {
  const keys = privateKeys(access.hostKeys);
  const lines = [...new Set(access.authorizedKeys)];
  const names = ["root", ...namesOfRoot(access.user)];
  if (keys.length === 0) throw noHostKey(access);
  if (lines.length === 0) throw noAuthorizedKey();
  return [
    { path: "root", type: "directory", mode: 0o700 },
    { path: "root/.ssh", type: "directory", mode: 0o700 },
    secret("root/.ssh/authorized_keys", lines.map((line) => `${line}\n`).join("")),
    ...keys.map(({ name, bytes }) => secret(`etc/ssh/${basename(name)}`, bytes)),
    text("etc/ssh/sshd_config", serverSettings(keys, access.port)),
    text(
      "etc/passwd",
      names.map((name) => `${name}:x:0:0:${name}:/root:/toolbox/bin/bash\n`).join("") +
        "sshd:x:74:74:sshd:/var/empty:/bin/false\n",
    ),
    text("etc/group", "root:x:0:\nsshd:x:74:\n"),
    secret("etc/shadow", [...names, "sshd"].map((name) => `${name}:*:1::::::\n`).join("")),
    text("etc/shells", "/toolbox/bin/bash\n/bin/sh\n"),
  ];
}

/** A name is a word that stands for nothing else there. Source: useradd(8). */
function namesOfRoot(user: string | undefined): string[] {
  const isOwn = user !== undefined && /^[a-z_][\w-]{0,31}$/i.test(user) && user !== "root" && user !== "sshd";
  return isOwn ? [user] : [];
}

/** Any kind of private key that OpenSSH reads begins so. */
function privateKeys(hostKeys: TargetFacts["hostKeys"]): TargetFacts["hostKeys"] {
  return hostKeys.filter(({ bytes }) => Buffer.from(bytes).toString("latin1", 0, 11) === "-----BEGIN ");
}

/**
 * The PATH has the tools before busybox's programs of the same name. A connection that is dead ends here before ssh gives it up over
 * there, so that nothing of it holds a disk when the same command is given again.
 */
function serverSettings(keys: TargetFacts["hostKeys"], port: number): string {
  const settings = [
    ...[...new Set([22, port])].map((number) => `Port ${number}`),
    ...keys.map(({ name }) => `HostKey /etc/ssh/${basename(name)}`),
    "AuthorizedKeysFile /root/.ssh/authorized_keys",
    "AuthenticationMethods publickey",
    "PermitRootLogin prohibit-password",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "UseDNS no",
    "PrintMotd no",
    "ClientAliveInterval 15",
    "ClientAliveCountMax 3",
    "SetEnv PATH=/toolbox/bin:/bin",
    "Subsystem sftp internal-sftp",
  ];
  return settings.map((line) => `${line}\n`).join("");
}

function text(path: string, contents: string): ArchiveEntry {
  return { path: byteString(path), type: "file", mode: 0o644, bytes: Buffer.from(contents) };
}

function secret(path: string, contents: string | Uint8Array): ArchiveEntry {
  return { path: byteString(path), type: "file", mode: 0o600, bytes: Buffer.from(contents) };
}

function noHostKey({ hostKeys }: Access): MkimageError {
  const names = hostKeys.map(({ name }) => name).join(", ") || "none";
  return new MkimageError("BAD_REQUEST", `the machine has no host key that OpenSSH reads; it has: ${names}`, {
    hint: "make it one there: ssh-keygen -A",
  });
}

function noAuthorizedKey(): MkimageError {
  return new MkimageError("BAD_REQUEST", "nobody has a key to the rescue system, and it lets nobody in by a password", {
    hint: "give your key by -i, or add it to the machine: ssh-copy-id",
  });
}
