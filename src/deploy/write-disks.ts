import { MkimageError } from "../base/errors.ts";
import { refusals } from "../machine/rules.ts";
import type { DeviceReport } from "../machine/write-device.ts";
import type { Connection } from "../remote/connection.ts";
import type { RemoteTarget } from "../remote/remote-target.ts";
import type { StagedDisk } from "../remote/stage-remote.ts";
import type { Reporter } from "../runtime/reporter.ts";
import type { DeployHost } from "./deploy-host.ts";
import type { LaidDisk } from "./lay-out.ts";
import { findAgain, type TargetDisk } from "./target-disks.ts";

/** The part of a course that writing to disks takes. */
export interface WriteContext {
  readonly host: Pick<DeployHost, "askFacts" | "inspect" | "stage" | "finish">;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
}

/** A disk of a target that has all but what makes it bootable. */
export interface StagedTarget {
  readonly name: string;
  readonly target: RemoteTarget;
  readonly staged: StagedDisk;
}

/** A disk of a target that is complete. */
export interface WrittenDisk {
  readonly name: string;
  /** The device, as the system calls it that runs there. */
  readonly device: string;
  readonly report: DeviceReport;
}

/** A disk of a target that was found again, and may be written to. */
export interface FoundTarget {
  readonly name: string;
  readonly target: RemoteTarget;
}

/**
 * Finds the disks of a target again, and looks whether anything speaks against writing to one of them.
 *
 * @throws MkimageError REFUSED_DEVICE, REMOTE_FAILED.
 */
export async function findDisks(
  connection: Connection,
  disks: readonly TargetDisk[],
  { host, signal }: WriteContext,
): Promise<FoundTarget[]> {
  const found = findAgain(disks, (await host.askFacts(connection, signal)).disks);
  const targets: FoundTarget[] = [];
  for (const { name, path } of found)
    targets.push({ name, target: { connection, ...(await host.inspect(connection, path, signal)) } });
  requireFree(targets.map(({ target }) => target));
  return targets;
}

/**
 * Writes all of the disks but what makes them bootable.
 *
 * @throws MkimageError REFUSED_DEVICE for a disk that somebody uses, REMOTE_FAILED, MISMATCH, SOURCE_CHANGED, INTERRUPTED.
 */
export async function stageDisks(
  targets: readonly FoundTarget[],
  laid: readonly LaidDisk[],
  known: "send all" | "compare first",
  { host, signal, reporter }: WriteContext,
): Promise<StagedTarget[]> {
  const staged: StagedTarget[] = [];
  for (const { name, target } of targets) {
    const image = laid.find((disk) => disk.name === name)?.image;
    if (image === undefined) throw new MkimageError("INTERNAL", `nothing was laid out for ${name}`);
    staged.push({ name, target, staged: await host.stage(target, image, { reporter, signal, known }) });
  }
  return staged;
}

/**
 * Writes what makes the disks bootable.
 *
 * @throws MkimageError REMOTE_FAILED, MISMATCH.
 */
export async function finishDisks(
  staged: readonly StagedTarget[],
  { host, reporter, signal }: WriteContext,
): Promise<WrittenDisk[]> {
  const written: WrittenDisk[] = [];
  for (const disk of staged) {
    const report = await host.finish(disk.target, disk.staged, { reporter, signal });
    written.push({ name: disk.name, device: disk.target.device.path, report });
  }
  return written;
}

function requireFree(targets: readonly RemoteTarget[]): void {
  const [first, ...others] = targets.flatMap(({ device }) => refusals(device, {}));
  if (first === undefined) return;
  throw new MkimageError("REFUSED_DEVICE", first.message, {
    details: others.map(({ message, hint }) => `${message} (${hint})`),
    hint: `${first.hint}; nothing was written`,
  });
}
