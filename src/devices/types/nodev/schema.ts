import * as z from "zod";
import { hooks } from "../../schema/hooks.ts";
import { keyedSet } from "../../schema/keyed-set.ts";
import { mountOptions, optional, required, withDefault } from "../../schema/option.ts";

const nodev = z
  .strictObject({
    type: withDefault(z.literal("nodev"), "nodev", "The type of the node."),
    fsType: required(z.string().min(1), "The filesystem type: `tmpfs`, `overlay`, `auto` (for a bind mount)."),
    device: withDefault(
      z.string(),
      "none",
      "What is mounted; for a bind mount, the folder. Of `tmpfs`, `proc` and their like `none` is their type.",
    ),
    mountpoint: optional(z.string().startsWith("/"), "Where it is mounted. `null`: the name of the node."),
    mountOptions,
    ...hooks,
  })
  .meta({ title: "nodev", description: "A mount without a disk, such as a tmpfs." });

/** A mount that needs no disk: tmpfs, a bind mount. Its key is where it is mounted, unless it says that itself. */
export interface NodevNode extends z.output<typeof nodev> {
  name: string;
  mountpoint: string;
}

/** The schema of mounts that need no disk. */
export const nodevSet = keyedSet(nodev, (key, node): NodevNode => {
  return { ...node, name: key, mountpoint: node.mountpoint ?? key };
});

/** The filesystems that the kernel itself is the source of, and always has. */
const kernelFilesystems: ReadonlySet<string> = new Set([
  "bpf",
  "cgroup2",
  "debugfs",
  "devpts",
  "devtmpfs",
  "hugetlbfs",
  "mqueue",
  "proc",
  "pstore",
  "ramfs",
  "securityfs",
  "sysfs",
  "tmpfs",
  "tracefs",
]);

/** Whether a filesystem of this type has neither a device nor a module. */
export function isKernelFilesystem(type: string): boolean {
  return kernelFilesystems.has(type);
}

/** Returns the source of the mount; for a filesystem of the kernel's own, its type, as is usual. */
export function sourceOf({ device, fsType }: NodevNode): string {
  return device === "none" && isKernelFilesystem(fsType) ? fsType : device;
}

/** How a node shows a folder of the system a second time: with what is mounted below it or without; `undefined`: it does not. */
export function bindOf({ mountOptions: options }: NodevNode): "bind" | "rbind" | undefined {
  const words = options.flatMap((option) => option.split(","));
  return (["rbind", "bind"] as const).find((word) => words.includes(word));
}
