import { atDevices } from "./at-devices.ts";
import { compareGroup } from "./compare-group.ts";
import { orderedSteps } from "./ordered-steps.ts";
import { MkimageError } from "../../base/errors.ts";
import type { StepSetting } from "../../steps/setting.ts";
import type { DeviceTree } from "../device-tree.ts";
import type { FoundDisks } from "../found.ts";
import { unitTypeOf } from "../registry.ts";
import { dependencyOrder, membersOf } from "../tree/members.ts";
import { refuseDuplicates } from "../tree/duplicates.ts";
import { requireGroups } from "../tree/groups.ts";
import { unitsOf } from "../tree/units.ts";
import { type UnitEntry } from "../tree/unit-entries.ts";
import { afterChanges } from "./after-changes.ts";
import { compareDevice } from "./compare.ts";
import type { Comparing, Findings } from "./findings.ts";
import { refuseHibernation } from "./refuse-hibernation.ts";
import { lossesIn, type TreeDifference, refused } from "./difference.ts";

/** The two sides of a comparison, and what the user agrees to. */
interface ComparisonRequest {
  readonly wanted: DeviceTree;
  readonly found: FoundDisks;
  /** The keys of disks among what was found, by those of the tree. Default: they are the same. */
  readonly disks?: ReadonlyMap<string, string>;
  /** Without a layout: what is made gets its place here. */
  readonly setting: StepSetting;
  /** The nodes that the user lets go of, by their paths. */
  readonly destroy: readonly string[];
}

/**
 * Holds disks as they are against a tree. What exists keeps its place; everything else is made around it. Pure.
 *
 * @throws MkimageError BAD_REQUEST for a tree that is unsound,
 */
export function compareDisks(request: ComparisonRequest): TreeDifference {
  const { wanted, found, setting, destroy } = request;
  refuseDuplicates(wanted);
  requireGroups(wanted);
  const findings: Findings = {
    nodes: [],
    steps: [],
    members: [],
    devices: new Map(),
    after: new Map(),
    kept: new Map(),
  };
  const comparing: Comparing = { found, findings, destroys: (path) => destroy.includes(path), compareDevice };
  const groupsThere = new Set<string>();
  for (const unit of unitsInOrder(wanted)) compareUnit(unit, request, comparing, groupsThere);
  refuseHibernation(found, findings);
  const tree = atDevices(wanted, findings.devices);
  const isRefused = refused(findings).length > 0;
  return {
    nodes: findings.nodes,
    tree,
    steps: isRefused ? [] : orderedSteps(tree, setting, findings, groupsThere),
    after: afterChanges(tree, found, findings),
    absent: destroy.filter((path) => !lossesIn(findings).some((node) => node.path === path)),
  };
}

/** Disks first, each group behind what its members lie on. */
function unitsInOrder(tree: DeviceTree): UnitEntry[] {
  const devices = Object.fromEntries(
    Object.entries(tree.disk).map(([key, node]) => [node.name, node.device ?? `/${key}`]),
  );
  const usable = Object.fromEntries(
    Object.entries(devices).map(([name, path]) => [name, path.startsWith("/") ? path : `/${name}`]),
  );
  const units = unitsOf(tree, usable);
  return dependencyOrder(units, membersOf(units));
}

function compareUnit(
  unit: UnitEntry,
  request: ComparisonRequest,
  comparing: Comparing,
  groupsThere: Set<string>,
): void {
  if (unit.kind === "disk") return compareDisk(unit, request, comparing);
  // What has no members is on no disk.
  if (unitTypeOf(unit.kind).plan === undefined) return;
  compareGroup(unit, comparing, groupsThere);
}

function compareDisk(
  { key, name, path }: UnitEntry,
  { wanted, found, setting, disks }: ComparisonRequest,
  comparing: Comparing,
): void {
  const node = wanted.disk[key];
  const foundKey = disks?.get(key) ?? key;
  const there = found.tree.disk[foundKey];
  const facts = found.nodes.get(`disk.${foundKey}`);
  if (node === undefined) return;
  if (there === undefined || facts === undefined) {
    throw new MkimageError("BAD_REQUEST", `nothing was read of ${path}`, {
      hint: "give every disk of the tree a device",
    });
  }
  const device = setting.devices?.[name] ?? facts.device ?? node.device ?? "";
  comparing.findings.after.set(path, facts);
  compareDevice(
    {
      path: `${path}.content`,
      foundPath: `disk.${foundKey}.content`,
      wanted: node.content,
      found: there.content,
      device,
      before: facts.size,
      after: facts.size,
      name: `disk-${name}`,
      sectorSize: there.sectorSize,
    },
    comparing,
  );
}
