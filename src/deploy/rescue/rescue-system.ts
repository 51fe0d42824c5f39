import { basename, join } from "node:path";
import { byteString } from "../../base/byte-string.ts";
import type { Architecture } from "../../guest/architecture.ts";
import { staticBusybox } from "../../guest/busybox.ts";
import { cpioArchive, type ArchiveEntry } from "../../guest/cpio.ts";
import { initrdEntries, optionalModules } from "../../guest/initrd.ts";
import type { GuestKernel } from "../../guest/kernel.ts";
import { readModuleFiles } from "../../guest/module-files.ts";
import { type InventoryRequest, takeInventory } from "../../guest/toolbox/inventory.ts";
import { openTemporaryWorkspace } from "../../runtime/workspace.ts";
import type { Bytes } from "../../base/units.ts";
import type { DeviceAlias } from "../drivers/device-aliases.ts";
import { rescueMarker } from "../facts/rescue-marker.ts";
import type { HardwareDevice, RescueFacts, TargetFacts } from "../facts/target-facts.ts";
import { type Access, accessFiles } from "./access-files.ts";
import { firmwareFiles } from "./firmware-files.ts";
import { needsIproute, networkScript, resolverFile } from "./network-script.ts";
import { packInitrd } from "./pack-initrd.ts";
import { rescueModules } from "./rescue-modules.ts";
import { rescueParameters } from "./rescue-parameters.ts";
import { toolboxEntries } from "./toolbox-entries.ts";

/** The parts of a rescue system. */
export interface RescueRequest extends Access {
  readonly architecture: Architecture;
  /** Of the system that is to be installed. */
  readonly kernel: GuestKernel;
  /** The devices that its modules are for; none where that is not known. */
  readonly aliases: readonly DeviceAlias[];
  /** The kernel parameters of that system: what its machine needs, the rescue system needs too. */
  readonly parameters: readonly string[];
  /** Its folder of firmware. */
  readonly firmware: string | undefined;
  readonly target: Pick<TargetFacts, "hostname" | "network" | "hardware">;
  /** Modules for more than disks and network: of filesystems, device mapper. */
  readonly modules: readonly string[];
  /** Programs beyond those that writing a disk needs, and where they are. */
  readonly programs: InventoryRequest;
  /** Default: this machine's. */
  readonly busybox?: string | undefined;
  readonly marker: RescueFacts;
}

/** A rescue system, whose initrd holds secrets: it is to be kept in memory. */
export interface RescueSystem {
  /** The path of the kernel. */
  readonly kernel: string;
  readonly initrd: Buffer;
  readonly parameters: readonly string[];
  /** The bytes of all files of the initrd, unpacked. */
  readonly unpacked: Bytes;
  /** Devices on the way to a disk or a network that its kernel has no driver for. */
  readonly undriven: readonly HardwareDevice[];
  /** Devices with a watchdog that runs, which its kernel has no driver for. */
  readonly unfed: readonly HardwareDevice[];
  /** Modules that the network would need, and that its kernel does not have. */
  readonly missing: readonly string[];
}

/**
 * Makes the system into which a machine is started to have its disks written: the kernel of the system that it gets, and an
 * initrd with a server of SSH that has the machine's own keys, its network as it was, the drivers of its disks, and tools.
 *
 * @throws MkimageError MISSING_TOOL; BAD_REQUEST when nobody could come in; RESOLVE_FAILED for tools of Nix; INTERRUPTED.
 */
export async function makeRescueSystem(request: RescueRequest, signal?: AbortSignal): Promise<RescueSystem> {
  const workspace = await openTemporaryWorkspace();
  try {
    const { names, ...lacking } = rescueModules(
      { modules: request.kernel.modules, aliases: request.aliases },
      request.target,
    );
    const wanted = [...names, ...optionalModules, ...request.modules];
    const modules = await readModuleFiles(request.kernel, wanted, workspace.folder);
    const forNetwork = needsIproute(request.target.network) ? (["ip"] as const) : [];
    const tools = [...new Set([...rescueTools, ...forNetwork, ...request.programs.tools])];
    const inventory = await takeInventory({ ...request.programs, tools }, signal);
    const archive = cpioArchive([
      ...initrdEntries({ busybox: staticBusybox(request.architecture, request.busybox), modules, init: "rescue" }),
      ...firmwareFiles(modules, request.firmware),
      ...(await toolboxEntries(inventory)),
      ...ownFiles(request),
    ]);
    return {
      kernel: request.kernel.image,
      initrd: await packInitrd(archive, basename(request.kernel.modulesFolder)),
      parameters: rescueParameters(request.architecture, request.parameters),
      unpacked: archive.length,
      ...lacking,
    };
  } finally {
    workspace.remove();
  }
}

/**
 * Programs that the scripts call by which disks are looked at, written and proven. The shells are not busybox's, which take its own programs
 * before those of PATH: it has fewer options, is slower at sums, and compares byte by byte.
 */
const rescueTools = [
  "b2sum",
  "bash",
  "blkdiscard",
  "blockdev",
  "cksum",
  "cmp",
  "dd",
  "flock",
  "partx",
  "sh",
  "sha256sum",
  "sshd",
  "wipefs",
  "zstd",
] as const;

/** Whether something restarts the machine that only its own driver can keep from it. */
function isWatched({ hardware }: Pick<TargetFacts, "hardware">): boolean {
  return hardware.some(({ watchdogs }) => watchdogs.length > 0);
}

function ownFiles(request: RescueRequest): ArchiveEntry[] {
  const file = (path: string, contents: string): ArchiveEntry => ({
    path: byteString(join("etc", path)),
    type: "file",
    mode: 0o644,
    bytes: Buffer.from(contents),
  });
  return [
    ...accessFiles(request),
    file("mkimage-rescue", rescueMarker(request.marker)),
    file("hostname", `${request.target.hostname}\n`),
    file("hosts", "127.0.0.1 localhost\n::1 localhost\n"),
    file("resolv.conf", resolverFile(request.target.network)),
    file("mkimage-network", networkScript(request.target.network)),
    ...(isWatched(request.target) ? [file("mkimage-watchdogs", "")] : []),
    file(
      "inittab",
      "::respawn:/vm/serve-ssh\n::respawn:/vm/tell-way\n::ctrlaltdel:/bin/reboot\n::shutdown:/bin/sync\n",
    ),
  ];
}
