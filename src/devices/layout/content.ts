import { contentTypeOf } from "../registry.ts";
import type { DeviceContent } from "../content.ts";
import type { ContentLayout, Place } from "../../layout/layout.ts";
import { membershipBy } from "./membership.ts";
import type { ContainerRules } from "./rules.ts";
import type { ContentNode, Solver } from "./solver.ts";
import { MkimageError } from "../../base/errors.ts";
import { type Bytes, MiB } from "../../base/units.ts";

/** The least size of a block device for this content; `fixedSize` as in FilesystemRequest. */
export function neededSize(content: ContentNode, fixedSize: Bytes | null, solver: Solver): Bytes {
  const { node, path, sectorSize } = content;
  const { layout: rules } = contentTypeOf(node);
  switch (rules.kind) {
    case "leaf":
      return rules.need(node, { path, sectorSize, fixedSize }, solver);
    case "container":
      return neededForContainer(rules, content, fixedSize, solver);
    case "member":
      return fixedSize === null ? solver.memberNeed(membershipBy(rules, node, path)) : 0;
    case "table":
      throw misplacedTable(node, path);
  }
}

/** A header, and what the device in it needs. */
function neededForContainer(
  { headerSize, inside }: ContainerRules<DeviceContent>,
  { node, path, sectorSize }: ContentNode,
  fixedSize: Bytes | null,
  solver: Solver,
): Bytes {
  const header = headerSize(node);
  const device = inside(node, { path, sectorSize });
  const { content } = device;
  if (content === null) return header + Math.max(MiB, solver.lentNeed([device.device ?? ""]));
  if (contentTypeOf(content).layout.kind === "table") return header + solver.device(device).need();
  const inner = { node: content, path: device.path, sectorSize };
  return header + solver.need(inner, fixedSize === null ? null : Math.max(fixedSize - header, 0));
}

/** The content, with its size, its names and the place of its bytes. */
export function layOutContent(content: ContentNode, size: Bytes, place: Place | null, solver: Solver): ContentLayout {
  const { node, path, sectorSize } = content;
  const geometry = { path, size, place };
  const { layout: rules } = contentTypeOf(node);
  switch (rules.kind) {
    case "leaf":
      return rules.layOut(node, geometry, solver.request);
    case "container": {
      const device = solver.device(rules.inside(node, { path, sectorSize }));
      return rules.layOut(node, geometry, device.layOut(size - rules.headerSize(node), null), solver.request);
    }
    case "member":
      return { kind: "member", groupKind: rules.groupKind, group: rules.group(node), ...geometry };
    case "table":
      throw misplacedTable(node, path);
  }
}

function misplacedTable({ type }: DeviceContent, path: string): MkimageError {
  return new MkimageError("INTERNAL", `${path}: a table (${type}) is solved as content`);
}
