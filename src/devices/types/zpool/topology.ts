import type { ZpoolNode } from "./schema.ts";
import { MkimageError } from "../../../base/errors.ts";
import { type StepContext, memberDevices } from "../../steps/context.ts";
import type { Unit } from "../../tree/units.ts";

type Topology = Exclude<ZpoolNode["mode"], string>["topology"];
type Group = Topology["vdev"][number];

/** How `zpool create` is told what each member is for. */
export function topologyWords(
  { path, name }: Pick<Unit, "path" | "name">,
  { mode }: ZpoolNode,
  context: StepContext,
): string[] {
  if (typeof mode === "string") return withMode(mode, memberDevices(context, "zpool", name));
  const { vdev, spare, log, dedup, special, cache } = mode.topology;
  const device = (member: string) => deviceOf(member, name, path, context);
  const words = (group: Group) => withMode(group.mode, group.members.map(device));
  // A member without a mode would join the group before it, and zpool takes the word for a use only once.
  const inTurn = (groups: readonly Group[]) =>
    groups.toSorted((a, b) => Number(a.mode !== "") - Number(b.mode !== "")).flatMap(words);
  const kind = (keyword: string, groups: readonly Group[]) => (groups.length === 0 ? [] : [keyword, ...inTurn(groups)]);
  return [
    ...inTurn(vdev),
    ...(spare.length === 0 ? [] : ["spare", ...spare.map(device)]),
    ...kind("log", log),
    ...kind("dedup", dedup),
    ...kind("special", special === null ? [] : [special].flat()),
    ...(cache.length === 0 ? [] : ["cache", ...cache.map(device)]),
  ];
}

/** The members of a topology that hold a part of the pool and are named by their paths. */
export function topologyPaths({ mode }: ZpoolNode): string[] {
  if (typeof mode === "string") return [];
  const { vdev, log, dedup, special } = mode.topology;
  const groups = [...vdev, ...log, ...dedup, ...(special === null ? [] : [special].flat())];
  return groups.flatMap((group) => group.members).filter((member) => member.startsWith("/"));
}

/**
 * Whether the member at a path of the tree holds nothing of a pool's datasets, only a log, tables or a cache: its size is not
 * theirs. A spare stands in for one that does.
 */
export function isBeside({ mode }: ZpoolNode, path: string): boolean {
  if (typeof mode === "string") return false;
  const { vdev, log, dedup, special, cache } = mode.topology;
  const beside = [...log, ...dedup, ...(special === null ? [] : [special].flat())].flatMap(({ members }) => members);
  const isNamed = (member: string) => `${path}.`.startsWith(`disk.${member}.content.`);
  const holds = vdev.flatMap(({ members }) => members).some((member) => !member.startsWith("/"));
  return holds && [...beside, ...cache].some(isNamed);
}

/** The devices that a pool can do without: they hold nothing of it but copies. */
export function auxiliaryDevices(
  { path, name }: Pick<Unit, "path" | "name">,
  { mode }: ZpoolNode,
  context: StepContext,
): string[] {
  if (typeof mode === "string") return [];
  const { spare, cache } = mode.topology;
  return [...spare, ...cache].map((member) => deviceOf(member, name, path, context));
}

function withMode(mode: string, devices: readonly string[]): string[] {
  return mode === "" ? [...devices] : [mode, ...devices];
}

/** A member is a path, or the name of a disk with a member of this pool. */
function deviceOf(member: string, pool: string, path: string, context: StepContext): string {
  if (member.startsWith("/")) return member;
  const own = context.members.filter((one) => one.kind === "zpool" && one.group === pool);
  const found = own.find(
    ({ unit, located }) => unit === `disk.${member}` || located.name.startsWith(`disk-${member}-`),
  );
  if (found !== undefined) return found.located.device;
  throw new MkimageError("BAD_REQUEST", `${path}: no member of the pool lies on disk ${member}`, {
    hint: `give that disk a partition with content of type zfs and pool ${pool}, or name a path`,
  });
}
