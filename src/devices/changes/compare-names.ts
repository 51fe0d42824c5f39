import { filesystemOf } from "../../filesystems/registry.ts";
import { requestedNames } from "../../layout/identity-of-filesystem.ts";
import { step } from "../../steps/step.ts";
import { type PartialComparison, type FilesystemPair, noChange, requireMounted } from "./filesystem-pair.ts";
import type { Property } from "./difference.ts";

/** Compares the label of a filesystem with the one that the tree gives. */
export function labelChange({ node, path, format, device, facts }: FilesystemPair): PartialComparison {
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
  const commands =
    mountpoint === undefined || label.mounted === undefined
      ? [label.unmounted(device, wanted)]
      : [requireMounted(format, device, mountpoint), label.mounted(mountpoint, device, wanted)];
  return { properties, steps: { adjust: () => [step(path, `label ${device} ${wanted}`, [], ...commands)] } };
}

/** Where it is mounted and how is the system's to say; what is mounted already gets its options at once. */
export function mountChange({ node, there, facts, path, format, device }: FilesystemPair): PartialComparison {
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
  const commands = [requireMounted(format, device, folder), ["mount", "-o", options, folder]];
  const remount = step(path, `mount ${folder} with its new options`, [], ...commands);
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
export function uuidFault({ node, path, format, facts }: FilesystemPair): string | undefined {
  const { option, meant } = requestedNames(node, format, path).uuid;
  const wanted = option ?? meant;
  if (wanted === null || facts.uuid === undefined || wanted.toLowerCase() === facts.uuid.toLowerCase())
    return undefined;
  return `it has the UUID ${facts.uuid}, which is not changed: leave uuid out, or give it that`;
}
