import type { DeviceContent } from "../content.ts";
import { membershipOf } from "../layout/membership.ts";
import { contentTypeOf } from "../registry.ts";

/** The content of a device, for people: `a filesystem (ext4)`, `a member of vg`. */
export function contentName(node: DeviceContent): string {
  const { format, layout } = contentTypeOf(node);
  if (format !== undefined) return `a filesystem (${format(node)})`;
  const membership = membershipOf(node, "");
  if (membership !== undefined) return `a member of ${membership.group}`;
  if (layout.kind === "table") return "a partition table";
  if (layout.kind === "container") return `an encrypted container (${"name" in node ? node.name : ""})`;
  return node.type;
}
