import { type Bytes, formatSize } from "../../base/units.ts";
import { filesystemOf } from "../../filesystems/registry.ts";
import { requestedNames } from "../../layout/identity-of-filesystem.ts";
import { mountedAside, scratchFolder } from "../../steps/scratch.ts";
import { type Step, step } from "../../steps/step.ts";
import type { DeviceContent } from "../content.ts";
import type { Property } from "./difference.ts";
import type { ChangeSteps, Comparison, ContentPair } from "./type-changes.ts";

/** A node that is one filesystem on its device. */
interface FilesystemPair extends Pick<ContentPair<DeviceContent>, "path" | "facts" | "device" | "before" | "after"> {
  readonly format: string;
  readonly node: {
    readonly label: string | null;
    readonly uuid: string | null;
    readonly extraArgs: readonly string[];
    readonly mountpoint: string | null;
    readonly mountOptions: readonly string[];
  };
  readonly there: DeviceContent;
}

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

type Change = Comparison & { readonly steps?: ChangeSteps };

const noChange: Change = { properties: [] };

function sizeChange(pair: FilesystemPair): Change {
  const { before, after, facts, format } = pair;
  const { changes } = filesystemOf(format);
  const extent = facts.extent ?? before;
  const isBehind = after - extent > (changes?.slack ?? 0) || after > before;
  if (after < extent && after < before) return shrink(pair, extent);
  if (!isBehind) return noChange;
  return grow(pair, extent);
}

function sizeOf(from: Bytes, to: Bytes, change: "growing" | "shrinking"): Property {
  return { name: "size", from: formatSize(from), to: formatSize(to), change };
}

function grow(pair: FilesystemPair, extent: Bytes): Change {
  const { path, device, format, after, facts } = pair;
  const { changes } = filesystemOf(format);
  const properties = [sizeOf(extent, after, "growing")];
  const [mountpoint] = facts.usedAt;
  const { mounted, unmounted } = changes?.grow ?? {};
  const title = `grow the filesystem (${format}) to the size of ${device}`;
  if (mountpoint !== undefined) {
    if (mounted === undefined) return { properties, refusal: cannotGrow(format, "while it is mounted") };
    return { properties, steps: { grow: () => [step(path, title, [], mounted(mountpoint, device))] } };
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

/** Only what is not mounted, and only where what it holds fits. */
function shrink(pair: FilesystemPair, extent: Bytes): Change {
  const { path, device, format, after, facts } = pair;
  const { changes } = filesystemOf(format);
  const properties = [sizeOf(extent, after, "shrinking")];
  const refusal = shrinkFault(pair);
  if (refusal !== undefined || changes?.shrink === undefined) return { properties, refusal: refusal ?? "" };
  const commands = changes.shrink(device, after);
  const title = `make the filesystem (${format}) on ${device} as small as ${formatSize(after)}`;
  return {
    properties,
    steps: { check: () => checkSteps({ ...pair, facts }), shrink: () => [step(path, title, [], ...commands)] },
  };
}

function shrinkFault({ format, after, facts }: FilesystemPair): string | undefined {
  const { smallest, used } = facts;
  if (filesystemOf(format).changes?.shrink === undefined) return `${format} cannot be made smaller`;
  if (facts.usedAt.length > 0) return `it is mounted on ${facts.usedAt.join(", ")}: unmount it to make it smaller`;
  if (smallest === undefined) return "nothing tells how small it can be made";
  if (smallest <= after) return undefined;
  const holds = used === undefined ? "" : ` with ${formatSize(used)} in it`;
  return `it can be made no smaller than ${formatSize(smallest)}${holds} (${smallest} bytes)`;
}

function labelChange({ node, path, format, device, facts }: FilesystemPair): Change {
  const { option, meant } = requestedNames(node, format, path).label;
  const wanted = option ?? meant;
  const there = facts.label ?? "";
  if (wanted === null || wanted === there) return noChange;
  const properties: Property[] = [{ name: "label", from: there, to: wanted, change: "free" }];
  const label = filesystemOf(format).changes?.label;
  if (label === undefined) return { properties, refusal: `the label of ${format} is not changed` };
  const [mountpoint] = facts.usedAt;
  if (mountpoint !== undefined && label.mounted === undefined) {
    return { properties, refusal: `it is mounted on ${mountpoint}: unmount it to change its label` };
  }
  const argv = mountpoint === undefined ? label.unmounted(device, wanted) : (label.mounted?.(mountpoint, wanted) ?? []);
  return { properties, steps: { adjust: () => [step(path, `label ${device} ${wanted}`, [], argv)] } };
}

/** Where it is mounted and how is the system's to say; what is mounted already gets its options at once. */
function mountChange({ node, there, facts, path }: FilesystemPair): Change {
  const { mountpoint, mountOptions } = node;
  if (!("mountOptions" in there && "mountpoint" in there) || there.mountpoint === null || mountpoint === null)
    return noChange;
  const [from, to] = [seenOptions(there.mountOptions), seenOptions(mountOptions)];
  const properties: Property[] = [
    ...(there.mountpoint === mountpoint
      ? []
      : [{ name: "mount point", from: there.mountpoint, to: mountpoint, change: "free" } as const]),
    ...(from === to ? [] : [{ name: "mount options", from, to, change: "free" } as const]),
  ];
  const [folder] = facts.usedAt;
  if (folder === undefined || from === to) return { properties };
  const options = ["remount", ...mountOptions.filter((option) => option !== "defaults")].join(",");
  const remount = step(path, `mount ${folder} with its new options`, [], ["mount", "-o", options, folder]);
  return { properties, steps: { adjust: () => [remount] } };
}

/** Options that the kernel tells in the words in which it was told them. */
function seenOptions(options: readonly string[]): string {
  const seen = /^(ro|noatime|nodiratime|strictatime|lazytime|nosuid|nodev|noexec|sync|dirsync)$/;
  return [...new Set(options.flatMap((option) => option.split(",")))]
    .filter((option) => seen.test(option))
    .toSorted()
    .join(",");
}

/** Whatever names it by its UUID would not find it any more. */
function uuidFault({ node, path, format, facts }: FilesystemPair): string | undefined {
  const { option, meant } = requestedNames(node, format, path).uuid;
  const wanted = option ?? meant;
  if (wanted === null || facts.uuid === undefined || wanted.toLowerCase() === facts.uuid.toLowerCase())
    return undefined;
  return `it has the UUID ${facts.uuid}, which is not changed: leave uuid out, or give it that`;
}
