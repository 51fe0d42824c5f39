import type { DeviceContent } from "../content.ts";
import type { FoundNode } from "../found.ts";
import { isSame } from "./same-content.ts";

/** Whether what was found has the UUID, the label or the mount point that the tree gives a content: then it is that. */
export function isKnownContent(
  wanted: DeviceContent | null,
  found: DeviceContent | null,
  facts: FoundNode | undefined,
): boolean {
  if (wanted === null || found === null || facts === undefined || !isSame(wanted, found)) return false;
  const uuid = "uuid" in wanted ? wanted.uuid : null;
  const label = "label" in wanted ? wanted.label : null;
  const mountpoint = "mountpoint" in wanted ? wanted.mountpoint : null;
  return (
    (uuid !== null && uuid.toLowerCase() === facts.uuid?.toLowerCase()) ||
    (label !== null && label !== "" && label === facts.label) ||
    (mountpoint !== null &&
      (facts.usedAt.includes(mountpoint) || ("mountpoint" in found && found.mountpoint === mountpoint)))
  );
}
