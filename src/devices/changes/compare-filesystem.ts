import { labelChange, mountChange, uuidFault } from "./compare-names.ts";
import { type PartialComparison, type FilesystemPair, noChange, requireMounted } from "./filesystem-pair.ts";
import { type Bytes, formatSize, KiB } from "../../base/units.ts";
import { filesystemOf } from "../../filesystems/registry.ts";
import { mountedAside, scratchFolder } from "../../steps/scratch.ts";
import { type Step, step } from "../../steps/step.ts";
import type { Property } from "./difference.ts";
import type { Comparison } from "./type-changes.ts";

/** Compares a filesystem's size, label and UUID with those that the tree wants. Pure. */
export function compareFilesystem(pair: FilesystemPair): Comparison {
  const size = sizeChange(pair);
  const label = labelChange(pair);
  const mount = mountChange(pair);
  const refusals = [size.refusal, label.refusal, uuidFault(pair)].filter((one) => one !== undefined);
  return {
    properties: [...size.properties, ...label.properties, ...mount.properties],
    ...(refusals.length === 0 ? {} : { refusal: refusals.join("; ") }),
    steps: {
      ...size.steps,
      adjust: (at) => [...(label.steps?.adjust?.(at) ?? []), ...(mount.steps?.adjust?.(at) ?? [])],
    },
  };
}

function sizeChange(pair: FilesystemPair): PartialComparison {
  const { before, after, facts, format } = pair;
  const { changes } = filesystemOf(format);
  const extent = facts.extent ?? before;
  if (after < before) return isShrunk(extent, after) && !isFixed(pair) ? noChange : shrink(pair, extent);
  const isBehind = after - extent > (changes?.slack ?? 0) || after > before;
  return isBehind ? grow(pair, extent) : noChange;
}

/** Whether a run that broke off has made the filesystem as small as its device is to be: the last block may lack. */
function isShrunk(extent: Bytes, after: Bytes): boolean {
  return extent <= after && after - extent < 64 * KiB;
}

/** Whether it keeps its size. One that is mounted, or was when its power went, may be larger than its superblock says so far. */
function isFixed({ format, facts }: FilesystemPair): boolean {
  return filesystemOf(format).changes?.shrink === undefined || facts.usedAt.length > 0 || facts.hasJournal === true;
}

function sizeOf(from: Bytes, to: Bytes, change: "growing" | "shrinking"): Property {
  return { name: "size", from: formatSize(from), to: formatSize(to), change };
}

function grow(pair: FilesystemPair, extent: Bytes): PartialComparison {
  const { path, device, format, after, facts } = pair;
  const { changes } = filesystemOf(format);
  const properties = [sizeOf(extent, after, "growing")];
  if (facts.sizeFault !== undefined) return { properties, refusal: facts.sizeFault };
  const [mountpoint] = facts.usedAt;
  const { mounted, unmounted } = changes?.grow ?? {};
  const title = `grow the filesystem (${format}) to the size of ${device}`;
  if (mountpoint !== undefined) {
    if (mounted === undefined) return { properties, refusal: cannotGrow(format, "while it is mounted") };
    const commands = [requireMounted(format, device, mountpoint), mounted(mountpoint, device)];
    return { properties, steps: { grow: () => [step(path, title, [], ...commands)] } };
  }
  const check = checkSteps(pair);
  if (unmounted !== undefined) {
    return { properties, steps: { check: () => check, grow: () => [step(path, title, [], ...unmounted(device))] } };
  }
  if (mounted === undefined) return { properties, refusal: cannotGrow(format, "") };
  const aside = () =>
    mountedAside(path, ["mount", "-t", format, device], [step(path, title, [], mounted(scratchFolder, device))]);
  return { properties, steps: { check: () => check, grow: aside } };
}

function cannotGrow(format: string, when: string): string {
  return `${format} does not grow${when === "" ? "" : ` ${when}`}: leave its partition or volume as large as it is`;
}

/** Looks at what is not mounted; anything else may be half-written just then. */
function checkSteps({ path, device, format, facts }: FilesystemPair): Step[] {
  const { changes } = filesystemOf(format);
  if (changes === undefined || facts.usedAt.length > 0) return [];
  // Before anything else is done, it has the name that it was found by.
  const there = facts.device ?? device;
  return [step(path, `check the filesystem (${format}) on ${there}`, [], changes.check(there))];
}

/** Only what is not mounted and fills its device, and only where what it holds fits. */
function shrink(pair: FilesystemPair, extent: Bytes): PartialComparison {
  const { path, device, format, after, facts } = pair;
  const { changes } = filesystemOf(format);
  const properties = [sizeOf(extent, after, "shrinking")];
  const refusal = shrinkFault(pair, extent);
  if (refusal !== undefined || changes?.shrink === undefined) return { properties, refusal: refusal ?? "" };
  const commands = changes.shrink(device, after);
  const title = `make the filesystem (${format}) on ${device} as small as ${formatSize(after)}`;
  return {
    properties,
    steps: { check: () => checkSteps({ ...pair, facts }), shrink: () => [step(path, title, [], ...commands)] },
  };
}

function shrinkFault({ format, device, before, after, facts }: FilesystemPair, extent: Bytes): string | undefined {
  const { smallest, used, sizeFault } = facts;
  const { changes } = filesystemOf(format);
  if (changes?.shrink === undefined) return `${format} cannot be made smaller, and neither is what it is on`;
  if (sizeFault !== undefined) return sizeFault;
  if (facts.usedAt.length > 0) {
    return `it is mounted on ${facts.usedAt.join(", ")}: unmount it to make it smaller, or what it is on`;
  }
  if (facts.hasJournal === true)
    return "it was mounted when its machine stopped, and its journal holds what is not in its place yet: mount it once, and unmount it";
  if (after >= extent || before - extent > changes.slack) {
    const tail = `${before - extent} bytes from ${formatSize(extent)} on`;
    return `nothing tells what lies behind its filesystem on ${device} (${tail}): where that is nothing, let the filesystem fill its device first`;
  }
  // A resize2fs that was ended in the middle of its work leaves the mark of errors, with which it says no more.
  if (smallest === undefined)
    return `nothing tells how small it can be made; where a resize was ended in the middle, e2fsck -f ${device} mends it`;
  if (smallest <= after) return undefined;
  const holds = used === undefined ? "" : ` with ${formatSize(used)} in it`;
  return `it can be made no smaller than ${formatSize(smallest)}${holds} (${smallest} bytes)`;
}
