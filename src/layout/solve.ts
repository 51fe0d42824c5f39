import type { DeviceContent } from "../devices/content.ts";
import type { DeviceTree } from "../devices/device-tree.ts";
import type { DiskNode } from "../devices/disk.ts";
import { MkimageError } from "../errors.ts";
import { checkLayout } from "./check.ts";
import { layOutContent, neededSize } from "./content.ts";
import { filesystemsOf } from "./filesystems-of.ts";
import type { DiskLayout, Layout, TableLayout } from "./layout.ts";
import { planGpt } from "./plan-gpt.ts";
import { planParted } from "./plan-parted.ts";
import type { LayoutRequest } from "./request.ts";
import { solveTable } from "./solve-table.ts";
import { lengthOf } from "./span.ts";
import type { TableHolder, TablePlan } from "./table-plan.ts";
import { type Bytes, MiB, formatSize, parseSize, roundUp } from "./units.ts";

/**
 * Solves a device tree to sectors. Nothing is touched or looked up: the same tree and request give the same layout.
 *
 * @throws MkimageError TOO_SMALL, with the size that would do; BAD_REQUEST for partitions that overlap or fit on no disk,
 *   unknown partition types and sizes that are no whole number of sectors.
 */
export function solveLayout(tree: DeviceTree, request: LayoutRequest): Layout {
  const disks = Object.entries(tree.disk).map(([key, node]) => solveDisk(key, node, request));
  const layout = { disks, filesystems: disks.flatMap((disk) => filesystemsOf(disk)) };
  checkLayout(layout);
  return layout;
}

function solveDisk(key: string, node: DiskNode, request: LayoutRequest): DiskLayout {
  const name = node.name ?? key.replaceAll("/", "_");
  const disk = { name, imageName: node.imageName ?? name, device: node.device, sectorSize: node.sectorSize };
  const given = givenSize(name, node, request);
  const { content } = node;
  if (content === null) return { ...disk, size: sizeOfEmpty(name, given), table: null, content: null };
  const path = `disk.${key}.content`;
  if (content.type === "gpt" || content.type === "table") {
    return {
      ...disk,
      ...solveWithTable(content, { path, name: `disk-${name}`, sectorSize: node.sectorSize }, name, given, request),
    };
  }
  const bare = { node: content, path, sectorSize: node.sectorSize };
  const size = sizeOfBare(name, given, neededSize(bare, given === "auto" ? null : given, request));
  return { ...disk, size, table: null, content: layOutContent(bare, size, { disk: name, offset: 0 }, request) };
}

function solveWithTable(
  node: Extract<DeviceContent, { type: "gpt" | "table" }>,
  holder: TableHolder,
  disk: string,
  given: Bytes | "auto",
  request: LayoutRequest,
): { size: Bytes; table: TableLayout; content: null } {
  const { identity } = request;
  const plan: TablePlan = node.type === "gpt" ? planGpt(node, holder, identity) : planParted(node, holder, identity);
  const { sectorSize } = holder;
  const { size, spans } = solveTable({ plan, holder: `disk ${disk}`, sectorSize }, given, request);
  const contents = plan.partitions.map(({ content, path }, index) => {
    const span = spans[index];
    if (content === null || span === undefined) return null;
    const place = { disk, offset: span.first * sectorSize };
    return layOutContent(
      { node: content, path: `${path}.content`, sectorSize },
      lengthOf(span) * sectorSize,
      place,
      request,
    );
  });
  return { size, table: plan.layout(size / sectorSize, spans, contents), content: null };
}

function givenSize(name: string, node: DiskNode, request: LayoutRequest): Bytes | "auto" {
  const given = request.sizes?.[name] ?? node.imageSize;
  if (given === "auto") return given;
  const size = typeof given === "string" ? parseSize(given) : given;
  if (size > 0 && size % node.sectorSize === 0) return size;
  throw new MkimageError(
    "BAD_REQUEST",
    `disk ${name}: ${size} bytes is no whole number of sectors of ${node.sectorSize} bytes`,
    {
      hint: "give a size in whole MiB, such as 8G, or auto",
    },
  );
}

function sizeOfEmpty(name: string, given: Bytes | "auto"): Bytes {
  if (given !== "auto") return given;
  throw new MkimageError("BAD_REQUEST", `disk ${name} has neither content nor a size`, {
    hint: "give it an imageSize, or content",
  });
}

function sizeOfBare(name: string, given: Bytes | "auto", need: Bytes): Bytes {
  const size = roundUp(need, MiB);
  if (given === "auto") return size;
  if (need <= given) return given;
  throw new MkimageError(
    "TOO_SMALL",
    `disk ${name} is too small: it has ${formatSize(given)} and needs ${formatSize(size)} (${size} bytes)`,
    {
      hint: `give it at least ${size / MiB}M, or leave the size to mkimage: auto`,
    },
  );
}
