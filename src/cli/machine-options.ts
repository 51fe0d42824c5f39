import { type Command, InvalidArgumentError } from "commander";
import { addSshOptions, type SshFlags } from "./ssh-options.ts";

/** The values of the options that can be others for each of several machines. */
export interface MachineFlags extends SshFlags {
  readonly disk?: readonly string[];
  readonly sshPort?: number;
  readonly postKexecHost?: string;
  readonly finalHost?: string;
  readonly copyHostKeys?: boolean;
  readonly extraFiles: readonly string[];
  readonly chown?: readonly string[];
  readonly diskEncryptionKeys?: readonly string[];
}

/** Adds the options of one machine, under nixos-anywhere's names where it has the same. */
export function addMachineOptions(command: Command): Command {
  const own = command
    .option(
      "--disk <name-and-device...>",
      "NAME DEVICE: where a disk of the tree is on the target (default: where the tree says)",
    )
    .option("-p, --ssh-port <number>", "port of each address that has none of its own (default: ssh's)", portNumber)
    .option("--post-kexec-host <host>", "where the rescue system answers (default: where the target does)")
    .option("--final-host <host>", "[USER@]HOST: where the new system answers (default: where the target does)")
    .option("--copy-host-keys", "give the new system the host keys that the target has now")
    .option("--extra-files <folder>", "folder whose files are put into the new system, owned by root", collect, [])
    .option("--chown <path-and-owner...>", "PATH OWNER: owner of extra files, USER:GROUP by name or number")
    .option("--disk-encryption-keys <remote-and-local...>", "REMOTE LOCAL: as --pre-format-files LOCAL REMOTE");
  return addSshOptions(own);
}

function collect(word: string, before: readonly string[]): readonly string[] {
  return [...before, word];
}

function portNumber(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError("It is a port from 1 to 65535.");
}
