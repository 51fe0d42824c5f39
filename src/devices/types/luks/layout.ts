import type { LuksNode } from "./schema.ts";
import { mapperPath } from "../../../layout/partition-path.ts";
import type { LuksLayout, Place } from "../../../layout/layout.ts";
import type { ContentNode, DeviceNode, Solver } from "../../layout/solver.ts";
import { type Bytes, MiB } from "../../../base/units.ts";

/** The least size of a LUKS container for its contents. */
export function neededForLuks(node: LuksNode, at: ContentNode, fixedSize: Bytes | null, solver: Solver): Bytes {
  const header = headerSize(node);
  if (node.content === null) return header + Math.max(MiB, solver.lentNeed([mapperPath(node.name)]));
  const { content } = node;
  if (content.type === "gpt" || content.type === "table") return header + solver.device(inside(node, at)).need();
  const inner = { node: content, path: `${at.path}.content`, sectorSize: at.sectorSize };
  return header + solver.need(inner, fixedSize === null ? null : Math.max(fixedSize - header, 0));
}

/** A LUKS container with its contents. */
export function layOutLuks(
  node: LuksNode,
  at: ContentNode,
  geometry: { path: string; size: Bytes; place: Place | null },
  solver: Solver,
): LuksLayout {
  const header = headerSize(node);
  const device = solver.device(inside(node, at)).layOut(geometry.size - header, null);
  const uuid = node.uuid ?? argument(node, "--uuid") ?? solver.request.identity.uuid(`${at.path} uuid`);
  return {
    kind: "luks",
    name: node.name,
    uuid: uuid.toLowerCase(),
    headerSize: header,
    extraArgs: node.extraFormatArgs,
    ...geometry,
    ...device,
  };
}

/**
 * How far into the container its contents begin: 16 MiB, with LUKS1 2 MiB, or what `--offset` says in sectors of 512
 * bytes.
 *
 * Source: cryptsetup-luksFormat(8).
 */
export function headerSize(node: LuksNode): Bytes {
  const offset = argument(node, "--offset");
  if (offset !== undefined && /^\d+$/.test(offset)) return Number(offset) * 512;
  const type = argument(node, "--type") ?? argument(node, "-M");
  return type === "luks1" ? 2 * MiB : 16 * MiB;
}

/** The value of an option, be it in one word, in two, or (as disko's users write) both in one string. */
function argument({ extraFormatArgs }: LuksNode, name: string): string | undefined {
  const words = extraFormatArgs.flatMap((word) => word.split(/[\s=]+/));
  const index = words.lastIndexOf(name);
  return index < 0 ? undefined : words[index + 1];
}

function inside(node: LuksNode, { path, sectorSize }: ContentNode): DeviceNode {
  return {
    content: node.content,
    path: `${path}.content`,
    name: `luks-${node.name}`,
    title: `LUKS container ${node.name}`,
    sectorSize,
  };
}
