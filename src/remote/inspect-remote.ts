import { join } from "node:path";
import { MkimageError } from "../base/errors.ts";
import type { Device } from "../machine/device.ts";
import { describeDevice, nameOfNumber } from "../machine/inspect-device.ts";
import { openTemporaryWorkspace } from "../runtime/workspace.ts";
import type { Connection } from "./connection.ts";
import { incompleteRecords, type MachineRecords, readRecords, recordsLimit } from "./records.ts";
import { remoteSignatures } from "./remote-signatures.ts";
import { deviceFactsScript } from "./scripts/device-facts.ts";
import { takeSnapshot } from "./snapshot.ts";

/** A device of another machine, and the programs that are there. */
export interface InspectedRemote {
  readonly device: Device;
  /** `fullblock` where dd can wait for whole blocks, `signatures` where wipefs told them. */
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
  const output = await connection.run(deviceFactsScript, [path], {
    signal,
    deadlineSeconds: 300,
    maxOutput: recordsLimit,
  });
  const workspace = await openTemporaryWorkspace();
  try {
    const records = readRecords(output);
    const number = blockNumber(records, path, connection.destination);
    const folders = takeSnapshot(records, join(workspace.folder, "machine"));
    const name = nameOfNumber(folders, number, path);
    const found = { path, name, signatures: remoteSignatures(records, folders), protectedPaths: [] };
    const device = { ...describeDevice(folders, found), machine: connection.destination };
    return { device, tools: new Set(records.of("W").map(([tool = ""]) => tool)) };
  } finally {
    workspace.remove();
  }
}

/** The number of the block device at the path that was asked for. */
function blockNumber(records: MachineRecords, path: string, destination: string): string {
  const [kind, number = ""] = records.of("K")[0] ?? [];
  if (kind === "block") return number;
  if (kind !== "other" && kind !== "nothing") throw incompleteRecords();
  const message =
    kind === "nothing"
      ? `there is nothing at ${path} on ${destination}`
      : `${path} on ${destination} is not a block device`;
  throw new MkimageError("REFUSED_DEVICE", message, { hint: `list its disks: ssh ${destination} lsblk` });
}
