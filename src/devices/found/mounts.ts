import { lvmNamesOf } from "./mapped-names.ts";
import type { BlockFacts, BlockUse, FstabLine, StorageFacts } from "./facts.ts";
import type { MountText } from "./reading.ts";

type Mounted = Extract<BlockUse, { kind: "mount" }>;

/** Where something is mounted in its system, of all the places where it is mounted now. */
interface MountRequest {
  readonly mounts: readonly Mounted[];
  /** The lines that name it. */
  readonly fstab: readonly FstabLine[];
  /** Where the root of its system is mounted. */
  readonly systemRoot: string;
  /** The subvolume; `undefined`: all of it. */
  readonly subvolume: string | undefined;
}

/** Where a device or a subvolume of it is mounted, as a node has it. */
export function mountedText(block: BlockFacts, subvolume: string | undefined, facts: StorageFacts): MountText {
  const mounts = mountsOf(block, subvolume === undefined ? "/" : `/${subvolume}`);
  return mountText({ mounts, fstab: fstabLinesOf(block, facts), systemRoot: facts.systemRoot, subvolume });
}

/** The mounts of a folder in a filesystem: of `/`, or of a subvolume. */
export function mountsOf({ uses }: BlockFacts, root: string): Mounted[] {
  return uses.filter((use): use is Mounted => use.kind === "mount" && use.root === root);
}

/** The lines of the system's fstab that name a device. */
export function fstabLinesOf(block: BlockFacts, facts: StorageFacts): readonly FstabLine[] {
  const names = devicesNamed(block, facts);
  return facts.fstab.filter(({ device }) => names.has(device));
}

/**
 * The mount as a node has it: where it is mounted now, else where the fstab says so. The fstab's options are the ones that
 * somebody has chosen.
 */
function mountText({ mounts, fstab, systemRoot, subvolume }: MountRequest): MountText {
  const now = mounts.flatMap(({ mountPoint, options }) => {
    const place = placeInSystem(mountPoint, systemRoot);
    return place === undefined ? [] : [{ place, options: chosenOptions(options) }];
  });
  const lines = fstab.filter(({ mountPoint, options }) => mountPoint.startsWith("/") && isOf(options, subvolume));
  const place = lines.find((line) => now.some((one) => one.place === line.mountPoint))?.mountPoint ?? now[0]?.place;
  const line = lines.find(({ mountPoint }) => place === undefined || mountPoint === place);
  const mountpoint = place ?? line?.mountPoint;
  if (mountpoint === undefined) return {};
  const options = line?.options.filter((option) => !option.startsWith("subvol")) ?? now[0]?.options ?? [];
  const isUsual = options.length === 0 || options.join() === "defaults";
  return { mountpoint, ...(isUsual ? {} : { mountOptions: options }) };
}

/** The names of a device in an fstab. */
export function devicesNamed(block: BlockFacts, { devices }: StorageFacts): Set<string> {
  const { mark, path, byIdPaths, name } = block;
  const paths = [`/dev/${name}`, ...(path === undefined ? [] : [path]), ...byIdPaths, ...lvmNamesOf(block)];
  return new Set([
    ...paths,
    ...tagged("uuid", mark.uuid),
    ...tagged("label", mark.label),
    ...[...devices.values()].flatMap((disk) => partitionNames(disk, name)),
  ]);
}

function partitionNames({ table, partitions }: BlockFacts, name: string): string[] {
  const number = partitions.find((one) => one.name === name)?.number;
  if (number === undefined || table === null) return [];
  if (table.kind === "msdos") return tagged("partuuid", `${hex(table.signature, 8)}-${hex(number, 2)}`);
  const found = table.partitions.find((one) => one.number === number);
  return [...tagged("partuuid", found?.guid.toLowerCase()), ...tagged("partlabel", found?.name)];
}

function tagged(tag: string, value: string | null | undefined): string[] {
  if (value === undefined || value === null || value === "") return [];
  return [`${tag.toUpperCase()}=${value}`, `/dev/disk/by-${tag}/${value}`];
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}

function placeInSystem(mountPoint: string, root: string): string | undefined {
  if (root === "/") return mountPoint;
  if (mountPoint === root) return "/";
  return mountPoint.startsWith(`${root}/`) ? mountPoint.slice(root.length) : undefined;
}

function isOf(options: readonly string[], subvolume: string | undefined): boolean {
  const named = options.find((option) => option.startsWith("subvol="))?.slice("subvol=".length);
  return plain(named ?? "") === plain(subvolume ?? "");
}

function plain(path: string): string {
  return path.replace(/^\/+|\/+$/g, "");
}

/** Returns the options that somebody may have chosen: the kernel lists many more. */
function chosenOptions(options: readonly string[]): string[] {
  return [...new Set(options)].filter((option) => chosen.test(option));
}

const chosen =
  /^(ro|noatime|nodiratime|strictatime|lazytime|nosuid|nodev|noexec|sync|dirsync|compress(-force)?=.+|discard|commit=.+|[fd]mask=(?!0022).+)$/;
