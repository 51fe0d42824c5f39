import { basename, join } from "node:path";
import { existsSync } from "node:fs";
import { MkimageError } from "../base/errors.ts";
import type { Bytes } from "../base/units.ts";
import { findKernel } from "../guest/kernel.ts";
import { toolboxPathOf } from "../pipeline/toolbox-path.ts";
import { nameOf, type RemoteHost, userOf } from "../remote/address.ts";
import { ownVersion } from "../runtime/project-folder.ts";
import { makeAccessKey } from "./access-key.ts";
import type { DeployRequest } from "./deploy-request.ts";
import { kernelAliases } from "./drivers/system-drivers.ts";
import { knownDisks } from "./facts/rescue-marker.ts";
import type { TargetFacts } from "./facts/target-facts.ts";
import { publicKeyIn } from "./final-keys.ts";
import { expecting } from "./known-keys.ts";
import { ownKeys } from "./own-keys.ts";
import type { PreparedDeployment } from "./prepare-deployment.ts";
import type { RescueParts } from "./rescue/enter-rescue.ts";
import { kexecProgram } from "./rescue/kexec-program.ts";
import { neededMemory } from "./rescue/needed-memory.ts";
import { makeRescueSystem } from "./rescue/rescue-system.ts";
import type { SshWishes } from "../remote/ssh-arguments.ts";

/** A rescue system for a target, and how to reach it. */
export interface Rescue {
  readonly parts: RescueParts;
  readonly host: RemoteHost;
  readonly ssh: SshWishes;
  /** The memory that the target needs for it, of what its kernel counts. */
  readonly memory: Bytes;
  /** Lines for the user about parts that it lacks. */
  readonly notes: readonly string[];
}

interface RescueWish {
  readonly request: DeployRequest;
  readonly prepared: PreparedDeployment;
  readonly facts: TargetFacts;
  /** A folder in memory. */
  readonly memoryFolder: string;
  readonly signal: AbortSignal;
}

/**
 * Makes the rescue system of a target: the kernel of the system that it gets, its own host keys and network, and a key that
 * this deployment alone has.
 *
 * @throws MkimageError MISSING_TOOL; NOT_A_SYSTEM for a system without a kernel; BAD_REQUEST for a target whose host keys nobody can tell.
 */
export async function makeRescue({ request, prepared, facts, memoryFolder, signal }: RescueWish): Promise<Rescue> {
  const keys = publicKeys(facts);
  if (keys.length === 0) throw noKnownKey(facts);
  const { toplevel, architecture, bootspec } = prepared.system;
  const kernel = findKernel(toplevel);
  if (kernel === undefined) throw noKernel(toplevel);
  const key = await makeAccessKey(memoryFolder);
  const lasting = [...facts.authorizedKeys, ...(await ownKeys(request.host, { ...request.ssh, signal }))];
  const storePath = toolboxPathOf(request.build);
  const deployment = basename(toplevel);
  const firmware = join(toplevel, "firmware");
  const system = await makeRescueSystem(
    {
      architecture,
      kernel,
      aliases: kernelAliases(kernel.modulesFolder).aliases,
      parameters: bootspec?.kernelParams ?? [],
      firmware: existsSync(firmware) ? firmware : undefined,
      target: facts,
      modules: request.touchesFirmware ? ["efivarfs"] : [],
      programs: {
        tools: request.touchesFirmware ? ["efibootmgr"] : [],
        storePath,
        closureInfo: request.build.closureInfo,
      },
      marker: { version: ownVersion(), deployment, disks: knownDisks(facts) },
      hostKeys: facts.hostKeys,
      authorizedKeys: [...lasting, key.line],
      user: userOf(request.host),
      port: facts.sshPort ?? request.host.port ?? 22,
    },
    signal,
  );
  return {
    parts: { system, kexec: await kexecProgram(storePath, signal), deployment, boot: facts.boot },
    host: asRoot(request.rescueHost ?? request.host),
    ssh: byKey(key.path, expecting(keys, request.ssh, memoryFolder)),
    memory: neededMemory(system),
    notes: [
      ...(lasting.length === 0 ? [nobodyElse] : []),
      ...system.undriven.map(({ modalias }) => `the rescue system has no driver for ${modalias}`),
      ...system.unfed.map(
        ({ modalias, watchdogs }) =>
          `the rescue system has no driver for ${modalias}: ${watchdogs.join(", ")} runs, and may restart the machine; stop it there before`,
      ),
      ...system.missing.map((module) => `the rescue system's kernel has no module ${module}, which the network needs`),
    ],
  };
}

const nobodyElse =
  "you have no key, and the rescue system takes no password: this run alone can enter it, and none can go on in its place (ssh-keygen makes a key)";

/** The rescue system has no other user. */
function asRoot(host: RemoteHost): RemoteHost {
  return { destination: `root@${nameOf(host)}`, port: host.port };
}

function publicKeys({ hostKeys }: TargetFacts): string[] {
  return hostKeys.flatMap(({ bytes }) => publicKeyIn(Buffer.from(bytes).toString("latin1")) ?? []);
}

/** No other key is tried, and nothing asked: a server ends a connection after a few attempts. */
function byKey(path: string, { options, signal }: SshWishes): SshWishes {
  const ours = ["BatchMode=yes", "PreferredAuthentications=publickey", "IdentitiesOnly=yes"];
  return { identity: path, options: [...ours, ...options], signal };
}

function noKnownKey({ hostname, hostKeys }: TargetFacts): MkimageError {
  const names = hostKeys.map(({ name }) => name).join(", ") || "none";
  return new MkimageError(
    "BAD_REQUEST",
    `${hostname} has no host key that it could be known by after kexec; it has: ${names}`,
    {
      hint: "make it one without a passphrase there: ssh-keygen -A",
    },
  );
}

function noKernel(toplevel: string): MkimageError {
  return new MkimageError("NOT_A_SYSTEM", `${toplevel} has no kernel with its modules`, {
    hint: "deploy without kexec to a machine that runs a rescue system of its provider: --phases facts,disks,install,reboot,prove",
  });
}
