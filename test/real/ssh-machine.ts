import { spawn } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { judge, type Scope, temporaryFolder } from "./loop-device.ts";
import { freePort } from "../../src/runtime/free-port.ts";
import { listens } from "./loopback-port.ts";

/** A machine that lets root in over SSH: this one, by a server of its own on the loopback. */
export interface SshMachine {
  readonly port: number;
  /** The options that a user of it gives. */
  readonly options: readonly string[];
  /** The file with the host keys that the user knows. */
  readonly knownHosts: string;
  readonly folder: string;
  /** The words of the server. */
  log(): string;
  /** Ends the server with every connection to it. */
  cut(): void;
}

/** The user who logs in, if it is not root with the shell that root has. */
export interface Login {
  readonly user: string;
  readonly shell: string;
  /** The lines of the machine's sudoers for this user. */
  readonly sudoers?: string;
}

const root: Login = { user: "root", shell: "/bin/bash" };

/** The server sees a home of its own, so that root's is left alone; users, and terminals that sudo can make. */
const start = `mount --make-rprivate /
mount --bind "$1/home" /root
mount --bind "$1/passwd" /etc/passwd
mount --bind "$1/sudoers" /etc/sudoers
mount -t devpts -o newinstance,ptmxmode=0666 devpts /dev/pts
mount --bind /dev/pts/ptmx /dev/ptmx
exec dropbear -F -E -p "127.0.0.1:$2" -r "$1/host-key"`;

/** Starts the server, which ends with the test. */
export async function sshMachine(t: Scope, login = root): Promise<SshMachine> {
  const folder = temporaryFolder(t);
  const port = await freePort();
  const knownHosts = join(folder, "known-hosts");
  judge("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", join(folder, "key"));
  judge("dropbearkey", "-t", "ed25519", "-f", join(folder, "host-key"));
  mkdirSync(join(folder, "home/.ssh"), { recursive: true });
  copyFileSync(join(folder, "key.pub"), join(folder, "home/.ssh/authorized_keys"));
  chmodSync(join(folder, "home"), 0o700);
  // A shell that greets whoever comes.
  for (const file of [".bashrc", ".cshrc"]) writeFileSync(join(folder, "home", file), "echo welcome\n");
  writeLogin(folder, login);
  const hostKey = /^ssh-ed25519 \S+/m.exec(judge("dropbearkey", "-y", "-f", join(folder, "host-key")))?.[0];
  writeFileSync(knownHosts, `[127.0.0.1]:${port} ${hostKey}\n`);
  const log = join(folder, "log");
  // Processes of a namespace end with its first one: all sessions of the server.
  const server = spawn(
    "unshare",
    [
      "--mount",
      "--pid",
      "--mount-proc",
      "--fork",
      "--kill-child=KILL",
      "sh",
      "-c",
      `exec 2>"$1/log"\n${start}`,
      "sh",
      folder,
      String(port),
    ],
    {
      stdio: "ignore",
    },
  );
  const cut = (): void => void server.kill("SIGKILL");
  t.teardown(cut);
  await listens(port);
  return {
    port,
    folder,
    knownHosts,
    options: [
      "-i",
      join(folder, "key"),
      "--ssh-option",
      `UserKnownHostsFile=${knownHosts}`,
      "--ssh-option",
      "BatchMode=yes",
      // The end of some sessions is noticed only with the next sign of life, which is 15 s away by default.
      "--ssh-option",
      "ServerAliveInterval=2",
      "--ssh-option",
      "ServerAliveCountMax=60",
    ],
    log: () => readFileSync(log, "utf8"),
    cut,
  };
}

function writeLogin(folder: string, { user, shell, sudoers = "" }: Login): void {
  const others = readFileSync("/etc/passwd", "utf8").replace(/^root:.*\n/m, "");
  const id = user === "root" ? 0 : 1777;
  writeFileSync(join(folder, "passwd"), `${user}:*:${id}:${id}::/root:${shell}\n${others}`);
  writeFileSync(join(folder, "sudoers"), `root ALL=(ALL) ALL\n${sudoers}\n`, { mode: 0o440 });
  judge("chown", "-R", `${id}:${id}`, join(folder, "home"));
}
