import { join } from "node:path";
import { MkimageError } from "../base/errors.ts";
import type { Device, DeviceSignature } from "../machine/device.ts";
import { describeDevice, nameOfNumber } from "../machine/inspect-device.ts";
import { parseSignatures, withGroups } from "../machine/signatures.ts";
import type { SystemFolders } from "../machine/system-files.ts";
import { parseGroups } from "../machine/volume-group.ts";
import { openTemporaryWorkspace } from "../runtime/workspace.ts";
import type { Connection } from "./connection.ts";
import { factsScript } from "./scripts/facts.ts";
import { factsLimit, type RemoteFacts, takeSnapshot } from "./snapshot.ts";

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
  const output = await connection.run(factsScript, [path], {
    signal,
    deadlineSeconds: 300,
    maxOutput: factsLimit,
  });
  const workspace = await openTemporaryWorkspace();
  try {
    const { facts, folders } = takeSnapshot(output, join(workspace.folder, "machine"));
    requireBlock(facts, path, connection.destination);
    const name = nameOfNumber(folders, facts.number, path);
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

function signaturesOf({ signatures, groups }: RemoteFacts, folders: SystemFolders): DeviceSignature[] {
  return withGroups(
    parsed(() => parseSignatures(signatures)) ?? [],
    parsed(() => parseGroups(groups, folders)) ?? new Map(),
  );
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
