import { basename, join } from "node:path";
import { nodeOfDevicePath } from "./block-nodes.ts";
import { MkimageError } from "../base/errors.ts";
import { run } from "../runtime/run.ts";
import { lookUpTool } from "../runtime/tools.ts";
import { namesIn, readText, runningSystem, type SystemFolders } from "./system-files.ts";

/**
 * The volume group in the name of a mapped volume, which may be a part of another one and so has no name of its own for
 * LVM. Hyphens of the group's are doubled. Source: lvm(8), "dmsetup splitname".
 */
export function groupOfVolume(volume: string): string {
  return (/^(?:[^-]|--)+/.exec(volume)?.[0] ?? volume).replaceAll("--", "-");
}

/** The names of the volume groups that have an active volume. */
export function activeGroups(folders: SystemFolders): Set<string> {
  const mapped = namesIn(join(folders.sys, "class/block")).map((name) => join(folders.sys, "class/block", name, "dm"));
  const volumes = mapped.filter((folder) => readText(join(folder, "uuid"))?.startsWith("LVM-") === true);
  return new Set(volumes.map((folder) => groupOfVolume(readText(join(folder, "name")) ?? "")));
}

/** The volume group of each physical volume, by the kernel's name of the device; none where LVM is not installed. */
export async function readGroups(): Promise<ReadonlyMap<string, string>> {
  if (lookUpTool("pvs") === undefined) return new Map();
  try {
    const { stdout } = await run("pvs", groupArguments(), { deadlineSeconds: 60 });
    return parseGroups(stdout, runningSystem);
  } catch (error) {
    // A group that LVM itself cannot read is not active.
    if (error instanceof MkimageError && error.code === "COMMAND_FAILED") return new Map();
    throw error;
  }
}

/** Lists physical volumes; changes nothing. */
export function groupArguments(): string[] {
  return ["--readonly", "--reportformat", "json", "--options", "pv_name,vg_name"];
}

/** Paths under /dev may be links: the kernel's name is that of what they lead to. */
export function parseGroups(json: string, folders: SystemFolders): Map<string, string> {
  const { report } = JSON.parse(json) as { report: { pv: { pv_name: string; vg_name: string }[] }[] };
  const members = report.flatMap(({ pv }) => pv).filter(({ vg_name }) => vg_name !== "");
  return new Map(
    members.map(({ pv_name, vg_name }) => [nodeOfDevicePath(folders, pv_name) ?? basename(pv_name), vg_name]),
  );
}
