import type { FoundDisks } from "../found.ts";
import type { Findings } from "./findings.ts";

/**
 * Refuses all changes while a system hibernates on one of the disks: it goes on with what it remembers of them, and would write that over whatever
 * has changed.
 */
export function refuseHibernation({ nodes }: FoundDisks, findings: Findings): void {
  for (const [path, { holds, device = null, size }] of nodes) {
    if (holds?.isHibernation !== true) continue;
    const at = findings.nodes.findIndex(
      (node) => device !== null && node.device === device && node.path.endsWith(".content"),
    );
    const refusal = `a system hibernates on ${device ?? path}, and goes on with what it remembers of these disks: start it and shut it down, or give up what it had open with mkswap`;
    const said = { what: holds.what, device, before: size, after: size, properties: [], loses: [], refusal } as const;
    const node = { path: findings.nodes[at]?.path ?? path, state: "unknown", change: "none", ...said } as const;
    findings.nodes.splice(at < 0 ? findings.nodes.length : at, at < 0 ? 0 : 1, node);
  }
}
