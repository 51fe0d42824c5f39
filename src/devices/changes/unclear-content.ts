import type { DeviceContent } from "../content.ts";
import type { FoundDisks, FoundNode, Holding } from "../found.ts";
import { contentTypeOf } from "../registry.ts";
import type { DevicePair } from "./findings.ts";

/** Returns why nothing is done to a device that cannot be looked into, or holds what no tree can say. */
export function unclearReason(
  foundPath: string,
  { found: node, wanted }: DevicePair,
  holds: Holding | undefined,
  found: FoundDisks,
): string | undefined {
  const said = found.unexpressed.find(({ path }) => path === foundPath)?.reason;
  if (node !== null) return isClosed(node, foundPath) ? said : undefined;
  const isAsked = wanted !== null && isAbsent(foundPath, found);
  return (
    said ??
    (holds === undefined ? undefined : `there is ${holds.what} on it`) ??
    (isAsked
      ? (holderOf(foundPath, found)?.obstacle ?? "its device is not there, so that nothing is known of it")
      : undefined)
  );
}

/** The partition or the volume that is the device of a content. */
export function holderOf(path: string, { nodes }: Pick<FoundDisks, "nodes">): FoundNode | undefined {
  return nodes.get(path.replace(/\.content$/, ""));
}

/** A volume that is not active looks as if it were empty. The parts of an image are no devices at all. */
export function isAbsent(foundPath: string, { nodes, tree }: FoundDisks): boolean {
  const holder = holderOf(foundPath, { nodes });
  const areDevices = Object.keys(tree.disk).some((key) => nodes.get(`disk.${key}`)?.device !== undefined);
  return areDevices && holder !== undefined && holder.device === undefined;
}

/** Nothing is seen of what lies in it. */
function isClosed(node: DeviceContent, path: string): boolean {
  const { layout, contents } = contentTypeOf(node);
  return layout.kind === "container" && (contents?.(node, path) ?? []).every((one) => one.node === null);
}
