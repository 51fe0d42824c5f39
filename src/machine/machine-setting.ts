import type { DeviceTree } from "../devices/device-tree.ts";
import { identityFrom } from "../base/identity.ts";
import { solveLayout } from "../devices/layout/solve.ts";
import type { StepSetting } from "../steps/setting.ts";
import type { SurveyedDisk } from "./survey.ts";

/** The user's decisions about the disks of this machine. */
interface MachineWishes {
  readonly root: string;
  /** The seed of identifiers; without one the tools draw them at random. */
  readonly seed?: string | undefined;
  /** Whether disks get their partitions, for which their sizes have to be known. */
  readonly formats: boolean;
}

/**
 * The setting of a tree's steps on this machine: with the real size of every disk the layout is solved; where disks are
 * not there, as in a dry run elsewhere, the tools decide.
 *
 * @throws MkimageError TOO_SMALL, BAD_REQUEST as `solveLayout`.
 */
export function machineSetting(tree: DeviceTree, disks: readonly SurveyedDisk[], wishes: MachineWishes): StepSetting {
  const { root, seed, formats } = wishes;
  const devices = Object.fromEntries(disks.map(({ name, device }) => [name, device.path]));
  const setting = { root, devices, ...(seed === undefined ? {} : { identity: identityFrom(seed) }) };
  if (!formats) return setting;
  if (disks.length < Object.keys(tree.disk).length) {
    requireSolvable(tree);
    return setting;
  }
  const sizes = Object.fromEntries(disks.map(({ name, device }) => [name, device.size]));
  const disk = Object.fromEntries(
    disks.map(({ key, node, device }) => [
      key,
      { ...node, sectorSize: device.sectorSize === 4096 ? 4096 : 512 } as const,
    ]),
  );
  const request = { identity: identityFrom(seed ?? ""), needs: () => 0, sizes };
  return { ...setting, layout: solveLayout({ ...tree, disk }, request) };
}

/**
 * Holds a tree to the rules that hold for disks of any size.
 *
 * @throws MkimageError as `solveLayout`.
 */
export function requireSolvable(tree: DeviceTree): void {
  const disk = Object.fromEntries(
    Object.entries(tree.disk).map(([key, node]) => [
      key,
      { ...node, imageSize: node.content === null ? "1G" : "auto" },
    ]),
  );
  solveLayout({ ...tree, disk }, { identity: identityFrom(""), needs: () => 0 });
}
