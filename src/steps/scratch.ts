import { type Guard, type Step, step } from "./step.ts";

/** Where a filesystem is mounted for a moment, to make what lies in it. */
export const scratchFolder = "/run/mkimage/scratch";

/** Steps that need the root of a filesystem, between mounting it aside and unmounting it. */
export function mountedAside(
  path: string,
  mount: readonly string[],
  steps: readonly Step[],
  guards: readonly Guard[] = [],
): Step[] {
  if (steps.length === 0) return [];
  const commands = [
    ["mkdir", "-p", scratchFolder],
    [...mount, scratchFolder],
  ];
  return [
    step(path, `mount it on ${scratchFolder} for a moment`, guards, ...commands),
    ...steps,
    step(path, `unmount ${scratchFolder}`, [], ["umount", scratchFolder]),
  ];
}
