import { type Command, InvalidArgumentError, Option } from "commander";
import { MkimageError } from "../base/errors.ts";
import type { DeployRequest } from "../deploy/deploy-request.ts";
import { type Phase, phases, phasesOf } from "../deploy/phases.ts";
import { parseRemoteHost, type RemoteHost } from "../remote/address.ts";
import type { AppearanceFlags } from "./appearance.ts";
import { pairsOf } from "./pairs.ts";
import { addRequestOptions, requestOf, systemsOf } from "./request-options.ts";
import { addSshOptions, type SshFlags } from "./ssh-options.ts";

/** The values of the options of `mkimage deploy` beside those of the request. */
export interface DeployFlags extends SshFlags, AppearanceFlags {
  readonly disk?: readonly string[];
  readonly sshPort?: number;
  readonly phases?: readonly Phase[];
  readonly kexecOnly?: boolean;
  readonly reboot: boolean;
  readonly postKexecHost?: string;
  readonly finalHost?: string;
  readonly copyHostKeys?: boolean;
  readonly extraFiles: readonly string[];
  readonly chown?: readonly string[];
  readonly diskEncryptionKeys?: readonly string[];
  readonly envPassword?: boolean;
  readonly generateHardwareConfig?: string;
  readonly rescueDeadline: number;
  readonly bootDeadline: number;
  readonly vmTest?: boolean;
  readonly dryRun?: boolean;
  readonly yesWipeAllDisks?: boolean;
  readonly jobs: number;
}

/** Adds the options of a deployment, under nixos-anywhere's names where it has the same. */
export function addDeployOptions(command: Command): Command {
  const own = command
    .option(
      "--disk <name-and-device...>",
      "NAME DEVICE: where a disk of the tree is on the target (default: where the tree says)",
    )
    .option("-p, --ssh-port <number>", "port of each address that has none of its own (default: ssh's)", portNumber)
    .option("--phases <names>", `which of ${phases.join(", ")} are carried out, with commas (default: all)`, readPhases)
    .addOption(
      new Option("--kexec-only", "start the rescue system, and leave it running: the phases facts and kexec").conflicts(
        "phases",
      ),
    )
    .option("--no-reboot", "leave the rescue system running when the disks are complete")
    .option("--post-kexec-host <host>", "where the rescue system answers (default: where the target does)")
    .option("--final-host <host>", "[USER@]HOST: where the new system answers (default: where the target does)")
    .option("--copy-host-keys", "give the new system the host keys that the target has now")
    .option("--extra-files <folder>", "folder whose files are put into the new system, owned by root", collect, [])
    .option("--chown <path-and-owner...>", "PATH OWNER: owner of extra files, USER:GROUP by name or number")
    .option("--disk-encryption-keys <remote-and-local...>", "REMOTE LOCAL: as --pre-format-files LOCAL REMOTE")
    .option("--env-password", "log in by the password in the variable SSHPASS")
    .option(
      "--generate-hardware-config <path>",
      "write what the target has as a NixOS module, before the system is built",
    )
    .option("--rescue-deadline <seconds>", "how long the rescue system may take to answer", wholeNumber, 300)
    .option("--boot-deadline <seconds>", "how long the new system may take to answer", wholeNumber, 600)
    .option("--vm-test", "deploy to a machine of QEMU's with empty disks instead, up to the answer of the new system")
    .option("--dry-run", "look at the target, say what would be done and lost, and change nothing")
    .option("--yes-wipe-all-disks", "do not ask before disks are overwritten")
    .option("--jobs <number>", "how many machines are deployed to at a time", wholeNumber, 2);
  return addSshOptions(addRequestOptions(own));
}

/**
 * The deployments that a command line asks for: each a system and a machine.
 *
 * @throws MkimageError USAGE, BAD_REQUEST.
 */
export function deploymentsOf(
  named: readonly string[],
  flags: DeployFlags,
  signal: AbortSignal,
): readonly DeployRequest[] {
  const options = flags as DeployFlags & Readonly<Record<string, unknown>>;
  const lists = [flags.disk, flags.chown, flags.diskEncryptionKeys].map((words) => pairsOf(words));
  const [disks = [], owners = [], keys = []] = lists.map(({ pairs }) => pairs);
  const words = [...systemsOf(named, options), ...lists.flatMap(({ rest }) => rest ?? [])];
  const build = requestOf(options);
  const preFormatFiles = [...build.preFormatFiles, ...keys.map(([there, here]): [string, string] => [here, there])];
  const shared = {
    build: { ...build, preFormatFiles, touchEfiVars: false },
    touchesFirmware: build.touchEfiVars,
    disks,
    extraFiles: { folders: flags.extraFiles, owners },
    phases: chosenPhases(flags),
    copiesHostKeys: flags.copyHostKeys === true,
    ssh: { options: flags.sshOption ?? [], identity: flags.identity, signal },
    passwordFrom: flags.envPassword === true ? process.env : undefined,
    hardwareConfiguration: flags.generateHardwareConfig,
    rescueHost: flags.postKexecHost === undefined ? undefined : hostOf(flags.postKexecHost, flags),
    finalHost: flags.finalHost === undefined ? undefined : hostOf(flags.finalHost, flags),
    deadlines: { rescueSeconds: flags.rescueDeadline, bootSeconds: flags.bootDeadline },
  };
  const places = flags.vmTest === true ? testPlaces(words) : pairsOfWords(words, build.file !== undefined);
  const requests = places.map(({ system, host }) => ({ ...shared, system, host: hostOf(host, flags) }));
  requireSeparate(requests, flags);
  return requests;
}

/** Refuses the same machine twice, and what is for one machine alone where there are several. */
function requireSeparate(requests: readonly DeployRequest[], flags: DeployFlags): void {
  const { vmTest = false, generateHardwareConfig, finalHost, postKexecHost } = flags;
  const names = requests.map(({ host: { destination, port } }) => `${destination}:${port ?? ""}`);
  const isTwice = !vmTest && new Set(names).size < names.length;
  const single = {
    "--generate-hardware-config": generateHardwareConfig,
    "--final-host": finalHost,
    "--post-kexec-host": postKexecHost,
  };
  const [shared] = Object.entries(single).flatMap(([option, value]) => (value === undefined ? [] : option));
  const fault = isTwice
    ? "the same machine is named twice"
    : requests.length > 1 && shared !== undefined
      ? `${shared} is for one machine, and ${requests.length} are named`
      : vmTest && generateHardwareConfig !== undefined
        ? "--generate-hardware-config: a test machine has no hardware of yours"
        : undefined;
  if (fault !== undefined)
    throw new MkimageError("BAD_REQUEST", fault, { hint: "deploy to each machine by a command of its own" });
}

function collect(word: string, before: readonly string[]): readonly string[] {
  return [...before, word];
}

/** The port that is given holds for every address that has none of its own. */
function hostOf(text: string, { sshPort }: DeployFlags): RemoteHost {
  const { destination, port } = parseRemoteHost(text);
  return { destination, port: port ?? sshPort };
}

/** Each word is a system: its machine is made for it. */
function testPlaces(words: readonly string[]) {
  const systems = words.length === 0 ? [undefined] : words;
  return systems.map((system) => ({ system, host: "root@127.0.0.1" }));
}

/** One word is a machine, for the system in this folder or of a file; else they come two by two. */
function pairsOfWords(words: readonly string[], isFile: boolean) {
  const { pairs, rest } = pairsOf(words);
  const [only] = words;
  if (words.length === 1 && only !== undefined) return [{ system: undefined, host: only }];
  if (isFile && words.length > 0) return words.map((host) => ({ system: undefined, host }));
  if (rest === undefined && pairs.length > 0) return pairs.map(([system, host]) => ({ system, host }));
  throw new MkimageError("USAGE", words.length === 0 ? "no machine is named" : `${rest} stands alone`, {
    hint: "mkimage deploy SYSTEM [USER@]HOST, and further pairs for further machines",
  });
}

function chosenPhases({ phases: chosen, kexecOnly, reboot }: DeployFlags): readonly Phase[] {
  const asked = chosen ?? (kexecOnly === true ? (["facts", "kexec"] as const) : phases);
  return reboot ? asked : asked.filter((phase) => phase !== "reboot" && phase !== "prove");
}

function readPhases(text: string): readonly Phase[] {
  const read = phasesOf(text);
  if (read !== undefined) return read;
  throw new InvalidArgumentError(`The phases are ${phases.join(", ")}; several go with commas.`);
}

function portNumber(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError("It is a port from 1 to 65535.");
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It is a whole number: 1, 2, ...");
}
