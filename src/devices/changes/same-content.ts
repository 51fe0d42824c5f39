import type { DeviceContent } from "../content.ts";
import { contentTypeOf } from "../registry.ts";

/** Whether what is there could be a node of the tree, by its type. */
export function isSame(wanted: DeviceContent, found: DeviceContent): boolean {
  const { changes } = contentTypeOf(wanted);
  return changes?.isSame?.(wanted, found) ?? wanted.type === found.type;
}
