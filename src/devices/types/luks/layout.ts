import type { LuksNode } from "./schema.ts";
import { mapperPath } from "../../../layout/partition-path.ts";
import type { DeviceLayout, ContainerLayout, Place } from "../../../layout/layout.ts";
import type { DeviceNode } from "../../layout/solver.ts";
import type { LayoutRequest } from "../../../layout/request.ts";
import { type Bytes, MiB } from "../../../base/units.ts";

/** A LUKS container with its contents. */
export function layOutLuks(
  node: LuksNode,
  geometry: { readonly path: string; readonly size: Bytes; readonly place: Place | null },
  device: DeviceLayout,
  { identity }: LayoutRequest,
): ContainerLayout {
  const uuid = node.uuid ?? argument(node, "--uuid") ?? identity.uuid(`${geometry.path} uuid`);
  return {
    kind: "container",
    technology: "LUKS",
    name: node.name,
    uuid: uuid.toLowerCase(),
    headerSize: headerSize(node),
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

/** The device that an opened container is. */
export function deviceInLuks(
  node: LuksNode,
  { path, sectorSize }: { readonly path: string; readonly sectorSize: 512 | 4096 },
): DeviceNode {
  return {
    content: node.content,
    path: `${path}.content`,
    name: `luks-${node.name}`,
    title: `LUKS container ${node.name}`,
    device: mapperPath(node.name),
    sectorSize,
  };
}
