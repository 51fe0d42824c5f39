import { basename, join } from "node:path";
import { MkimageError } from "../base/errors.ts";
import type { Device, DeviceSignature } from "../machine/device.ts";
import { describeDevice, requireNamed } from "../machine/inspect-device.ts";
import { parseSignatures, withGroups } from "../machine/signatures.ts";
import type { SystemFolders } from "../machine/system-files.ts";
import { parseGroups } from "../machine/volume-group.ts";
import { openTemporaryWorkspace } from "../runtime/workspace.ts";
import type { Connection } from "./connection.ts";
import { factsScript } from "./facts-script.ts";
import { type RemoteFacts, takeSnapshot } from "./snapshot.ts";

/** A device of another machine, and the programs that are there. */
export interface InspectedRemote {
  readonly device: Device;
  readonly tools: ReadonlySet<string>;
}

/**
 * Reads everything that is known about a block device of another machine, as `inspectDevice` does here.
 *
 * @throws MkimageError REFUSED_DEVICE when there is nothing at the path, or no block device; REMOTE_FAILED.
 */
export async function inspectRemote(
  connection: Connection,
  path: string,
  signal?: AbortSignal,
): Promise<InspectedRemote> {
  const output = await connection.run(factsScript, [path], { signal, deadlineSeconds: 120 });
  const workspace = await openTemporaryWorkspace();
  try {
    const { facts, folders } = takeSnapshot(output, join(workspace.folder, "machine"));
    requireBlock(facts, path, connection.destination);
    const name = basename(facts.realPath);
    requireNamed(folders, name, path);
    const found = { path, name, signatures: signaturesOf(facts, folders), protectedPaths: [] };
    const device = { ...describeDevice(folders, found), machine: connection.destination };
    return { device, tools: facts.tools };
  } finally {
    workspace.remove();
  }
}

function requireBlock({ kind }: RemoteFacts, path: string, destination: string): void {
  if (kind === "block") return;
  const message =
    kind === "nothing"
      ? `there is nothing at ${path} on ${destination}`
      : `${path} on ${destination} is not a block device`;
  throw new MkimageError("REFUSED_DEVICE", message, { hint: `list its disks: ssh ${destination} lsblk` });
}

/** By wipefs where it is there, else by blkid, which busybox has too. */
function signaturesOf({ signatures, groups }: RemoteFacts, folders: SystemFolders): DeviceSignature[] {
  const blkid = signatures.filter((line) => line.startsWith("blkid "));
  if (blkid.length > 0) return blkid.flatMap(parseBlkid);
  const found = parsed(() => parseSignatures(signatures.join("\n"))) ?? [];
  return withGroups(found, parsed(() => parseGroups(groups, folders)) ?? new Map());
}

/** A program that is not there prints nothing, which is no JSON. */
function parsed<Result>(parse: () => Result): Result | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** A line such as `blkid /dev/sda1: LABEL="root" TYPE="ext4"`. */
function parseBlkid(line: string): DeviceSignature[] {
  const device = /^blkid ([^:]+):/.exec(line)?.[1];
  const valueOf = (key: string) => new RegExp(`\\s${key}="([^"]*)"`).exec(line)?.[1];
  const type = valueOf("TYPE") ?? valueOf("PTTYPE");
  return device === undefined || type === undefined
    ? []
    : [{ device: basename(device), type, label: valueOf("LABEL") }];
}
