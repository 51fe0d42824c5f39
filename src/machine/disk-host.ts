import type { DeviceTree } from "../devices/device-tree.ts";
import { treeFromFacts } from "../devices/found/read-tree.ts";
import type { FoundDisks } from "../devices/found.ts";
import type { Held } from "../runtime/lock-file.ts";
import type { Executor } from "../steps/executor.ts";
import type { Step } from "../steps/step.ts";
import type { Device } from "./device.ts";
import { lookAtDisks } from "./found/look-at-disks.ts";
import { holdDisks } from "./hold-disks.ts";
import { localExecutor, type LocalExecutorOptions } from "./local-executor.ts";
import { requireMeans } from "./require-means.ts";
import { type SurveyedDisk, surveyDisks } from "./survey.ts";

/** A machine whose disks are changed: all that looks at it or acts on it, so that tests can put another in its place. */
export interface DiskHost {
  /**
   * Looks at the disks of a tree, without touching them.
   *
   * @throws MkimageError REFUSED_DEVICE when one is not there; BAD_REQUEST when two are the same.
   */
  survey(tree: DeviceTree, devices?: Readonly<Record<string, string>>): Promise<SurveyedDisk[]>;
  /**
   * Reads disks and all that stands on them as a tree; its `diskKeys` are in the order of the paths. Changes nothing.
   *
   * @param root where a system that is being installed is mounted.
   * @throws MkimageError REFUSED_DEVICE for what is no disk; BAD_IMAGE for what makes no tree.
   */
  read(paths: readonly string[], root: string, signal: AbortSignal): Promise<FoundDisks>;
  /** @throws MkimageError MISSING_TOOL for programs and filesystems that steps need and the machine lacks. */
  requireMeans(steps: readonly Step[]): void;
  /** @throws MkimageError REFUSED_DEVICE when another run works on one of the disks. */
  hold(devices: readonly Device[]): Promise<Held>;
  executor(options: LocalExecutorOptions): Executor;
}

/** The machine that this program runs on. */
export const thisMachine: DiskHost = {
  survey: surveyDisks,
  read: async (paths, root, signal) => treeFromFacts(await lookAtDisks(paths, root, signal)).found,
  requireMeans,
  hold: holdDisks,
  executor: localExecutor,
};
