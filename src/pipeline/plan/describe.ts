import { alignColumns } from "../../base/align-columns.ts";
import { formatSize } from "../../base/units.ts";
import type { ContentLayout, DiskLayout, PartitionLayout } from "../../layout/layout.ts";
import { countNames } from "../../manifest/tree.ts";
import { endingOf } from "../../image/packings/packaging.ts";
import { describeGrowth } from "../../bootloaders/growth/growth.ts";
import { packagingOf } from "./packaging-of.ts";
import type { Blueprint } from "./blueprint.ts";
import type { ImagePlan } from "./image-plan.ts";
import type { PictureStyle } from "./picture/cell.ts";
import { pictureOfDisk, picturesOfGroups } from "./picture/cells.ts";
import { drawPicture } from "./picture/draw.ts";

/** A plan as plain data: what `mkimage plan --json` prints and `image.json` records. */
export function planFacts(blueprint: Blueprint, plan: ImagePlan) {
  const { request, source, seed, time, boot } = blueprint;
  return {
    version: 1,
    name: request.name,
    system:
      source.system === undefined
        ? null
        : { toplevel: source.system.toplevel, label: source.system.bootspec?.label ?? null },
    variant: request.variant ?? null,
    format: request.format,
    compress: request.compress ?? null,
    seed,
    sourceDateEpoch: time,
    installer: source.ownInstaller?.program ?? null,
    bootloader: { engine: boot.engine, reason: boot.reason, devices: source.system?.bootDevices ?? [] },
    grows: source.system?.growth ?? null,
    disks: plan.layout.disks,
    filesystems: plan.filesystems.map(({ filesystem, files, plan: { kind, size, freeBytes } }) => ({
      path: filesystem.path,
      mountpoint: filesystem.mountpoint,
      mountpoints: filesystem.mountpoints,
      kind,
      label: filesystem.label,
      uuid: filesystem.uuid,
      size,
      freeBytes,
      names: countNames(files),
    })),
    closure: {
      paths: source.storePaths.length,
      narBytes: source.storePaths.reduce((sum, { narSize }) => sum + narSize, 0),
      storePaths: source.storePaths,
    },
  };
}

/** A plan for people: one line a fact, and a picture and a table of each disk. */
export function describePlan(blueprint: Blueprint, plan: ImagePlan, style: PictureStyle): string {
  const facts = planFacts(blueprint, plan);
  const { request } = blueprint;
  return [
    `system      ${facts.system?.toplevel ?? "none"}`,
    `closure     ${facts.closure.paths} store paths, ${formatSize(facts.closure.narBytes)}`,
    ...plan.layout.disks.map(({ imageName }) => {
      return `image       ${request.out}/${imageName}.${endingOf(packagingOf(request))} (${request.variant ?? request.format})`;
    }),
    ...(facts.installer === null ? [] : [`installer   ${facts.installer}, in a guest: ${asItLeavesThem}`]),
    `bootloader  ${facts.bootloader.engine}: ${facts.bootloader.reason}`,
    ...(facts.grows === null ? [] : [`grows       ${describeGrowth(facts.grows)}`]),
    ...plan.layout.disks.flatMap((disk) => {
      return ["", ...drawPicture(pictureOfDisk(disk, plan.layout), style), "", ...describeDisk(disk, plan)];
    }),
    ...picturesOfGroups(plan.layout).flatMap((picture) => ["", ...drawPicture(picture, style)]),
    "",
  ].join("\n");
}

const asItLeavesThem = "the disks are published as it leaves them, and their bytes differ from run to run";

function describeDisk(disk: DiskLayout, plan: ImagePlan): string[] {
  const kind =
    disk.table === null ? "no partition table" : disk.table.kind === "gpt" ? `GPT ${disk.table.guid}` : "MBR";
  const title = `disk ${disk.name}: ${formatSize(disk.size)}, sectors of ${disk.sectorSize} bytes, ${kind}`;
  const rows = (disk.table?.partitions ?? []).map((partition) => partitionRow(partition, disk, plan));
  if (disk.table === null) return [title, `  ${contentText(disk.content, plan)}`.trimEnd()];
  const header = ["", "first", "last", "size", "name", "content"];
  return [title, ...alignColumns([header, ...rows])];
}

function partitionRow(partition: PartitionLayout, disk: DiskLayout, plan: ImagePlan): string[] {
  const { number, first, last, content } = partition;
  const size = formatSize((last - first + 1) * disk.sectorSize);
  return [
    String(number),
    String(first),
    String(last),
    size,
    "name" in partition ? partition.name : "",
    contentText(content, plan),
  ];
}

function contentText(content: ContentLayout | null, plan: ImagePlan): string {
  if (content?.kind === "container") return `${content.technology} container ${content.name}`;
  if (content?.kind === "member") return `member of ${content.group}`;
  if (content?.kind === "swap") return "swap";
  const found = plan.filesystems.find(({ filesystem }) => filesystem.path === content?.path);
  if (found === undefined) return "";
  const { filesystem, plan: solved } = found;
  const label = filesystem.label === null ? "" : ` ${filesystem.label}`;
  return `${solved.kind}${label} on ${filesystem.mountpoints.join(", ") || "nothing"}, ${formatSize(solved.freeBytes)} free`;
}
