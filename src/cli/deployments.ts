import { MkimageError } from "../base/errors.ts";
import type { DeployRequest } from "../deploy/deploy-request.ts";
import { type Phase, phases } from "../deploy/phases.ts";
import { parseRemoteHost, type RemoteHost } from "../remote/address.ts";
import type { DeployFlags } from "./deploy-options.ts";
import { readHostsFile } from "./hosts-file.ts";
import { pairsOf } from "./pairs.ts";
import { requestOf, systemsOf } from "./request-options.ts";

/**
 * The deployments that a command line asks for: each a system and a machine, of its words and of a file. An option in a line of
 * that file wins over the command's.
 *
 * @throws MkimageError USAGE, BAD_REQUEST.
 */
export function deploymentsOf(
  named: readonly string[],
  flags: DeployFlags,
  signal: AbortSignal,
): readonly DeployRequest[] {
  const line = splitLine(named, flags);
  const lines = flags.hosts === undefined ? [] : readHostsFile(flags.hosts);
  const ofWords = lines.length > 0 && line.words.length === 0 ? [] : requestsOf(line, flags, signal);
  const ofLines = lines.map(({ place, words, flags: own }) => {
    const ownLine = splitLine(words, own);
    const both = { words: ownLine.words, lists: { ...line.lists, ...ownLine.lists } };
    const [request, ...others] = requestsOf(both, { ...flags, ...own }, signal);
    if (request !== undefined && others.length === 0) return request;
    throw new MkimageError("BAD_REQUEST", `${place} names several machines`, { hint: "give each a line of its own" });
  });
  const requests = [...ofWords, ...ofLines];
  requireSeparate(requests, flags);
  return requests;
}

/** The options that take words two by two. */
const pairLists = ["disk", "chown", "diskEncryptionKeys"] as const;

/** A command, or a line of a file of hosts, in its parts. */
interface DeployLine {
  /** The words that name systems and machines. */
  readonly words: readonly string[];
  /** The pairs of the lists that it has. */
  readonly lists: Readonly<Partial<Record<(typeof pairLists)[number], [string, string][]>>>;
}

/** Splits the lists of pairs, each of which may have taken a word behind it. */
function splitLine(named: readonly string[], flags: Partial<DeployFlags>): DeployLine {
  const split = pairLists.flatMap((list) => (flags[list] === undefined ? [] : [{ list, ...pairsOf(flags[list]) }]));
  return {
    words: [...systemsOf(named, { ...flags }), ...split.flatMap(({ rest }) => rest ?? [])],
    lists: Object.fromEntries(split.map(({ list, pairs }) => [list, pairs])),
  };
}

function requestsOf({ words, lists }: DeployLine, flags: DeployFlags, signal: AbortSignal): DeployRequest[] {
  const { disk: disks = [], chown: owners = [], diskEncryptionKeys: keys = [] } = lists;
  const build = requestOf({ ...flags });
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
  return places.map(({ system, host }) => ({ ...shared, system, host: hostOf(host, flags) }));
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
