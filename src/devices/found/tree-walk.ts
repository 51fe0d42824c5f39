import { isPartOfFilesystem } from "../../filesystems/registry.ts";
import type { DeviceTree } from "../device-tree.ts";
import type { FoundNode, Unexpressed } from "../found.ts";
import type { BlockFacts, BlockUse, FstabLine, StorageFacts } from "./facts.ts";
import { keyFor } from "./keys.ts";
import { devicesNamed, mountText } from "./mounts.ts";
import { stablePath } from "./stable-path.ts";
import {
  type ContentReading,
  type FoundGroup,
  type FoundMember,
  type FoundPlace,
  type GroupIdentity,
  type MountText,
  type NodeText,
  type TreeReader,
  usedAt,
} from "./reading.ts";

/** A group whose members are being found. */
interface OpenGroup extends GroupIdentity {
  readonly kind: keyof DeviceTree;
  readonly key: string;
  readonly members: FoundMember[];
}

/** A walk over devices, which gathers what is found on the way. */
export class TreeWalk implements TreeReader {
  readonly nodes = new Map<string, FoundNode>();
  readonly unexpressed: Unexpressed[] = [];
  readonly #facts: StorageFacts;
  readonly #readings: readonly ContentReading[];
  readonly #groups: OpenGroup[] = [];
  readonly #visited = new Set<string>();
  /** By the names of devices that something lies on together: where one of them was read, and not yet all. */
  readonly #unplaced = new Map<string, string>();
  #done = 0;

  constructor(facts: StorageFacts, readings: readonly ContentReading[]) {
    this.#facts = facts;
    this.#readings = readings;
  }

  /** The next group that has not been read; its members are all that were found up to now. */
  nextGroup(): FoundGroup | undefined {
    const group = this.#groups[this.#done];
    if (group === undefined) return undefined;
    this.#done += 1;
    return { ...group, path: `${group.kind}.${group.key}` };
  }

  device(name: string): BlockFacts | undefined {
    return this.#facts.devices.get(name);
  }

  all(): readonly BlockFacts[] {
    return [...this.#facts.devices.values()];
  }

  isLast(devices: readonly BlockFacts[], path: string): boolean {
    const key = devices.map(({ name }) => name).join(" ");
    const isLast = devices.every(({ name }) => this.#visited.has(name));
    if (isLast) this.#unplaced.delete(key);
    else this.#unplaced.set(key, path);
    return isLast;
  }

  /** Names what was to lie on devices that were not all reached. */
  noteUnplaced(): void {
    for (const [devices, path] of this.#unplaced)
      this.note(path, `it lies on ${devices} together, not all of which can be read`);
  }

  above(block: BlockFacts): readonly BlockFacts[] {
    const names = new Set(block.above);
    // A set goes on with what is added to it, and has each name once.
    for (const name of names) this.device(name)?.above.forEach((other) => names.add(other));
    return [...names].flatMap((name) => this.device(name) ?? []);
  }

  content(block: BlockFacts | undefined, at: FoundPlace): NodeText | null {
    if (block === undefined) return null;
    // Devices that stand on each other in a circle are no disks of this world, but an image may claim so.
    if (this.#visited.has(block.name)) return this.#nothing(at, `${block.name} is read elsewhere already`);
    this.#visited.add(block.name);
    const { damage = [] } = block;
    for (const reason of block.faults) {
      this.unexpressed.push({ path: at.path, reason, ...(damage.includes(reason) ? { isFault: true } : {}) });
    }
    const obstacle = obstacleIn(block, at);
    if (obstacle !== undefined) return this.#nothing(at, obstacle);
    const reading = this.#readings.find(({ fills }) => fills(block));
    if (reading === undefined) return this.#unread(block, at);
    this.know(at.path, block);
    return reading.read(block, at, this);
  }

  note(path: string, reason: string): void {
    if (!this.unexpressed.some((one) => one.path === path && one.reason === reason))
      this.unexpressed.push({ path, reason });
  }

  fault(path: string, reason: string): void {
    this.unexpressed.push({ path, reason, isFault: true });
  }

  know(path: string, block: BlockFacts | undefined, known: Partial<FoundNode> = {}): void {
    const own = block === undefined ? { device: undefined, size: 0, usedAt: [] } : ofBlock(block);
    this.nodes.set(path, { ...own, ...this.nodes.get(path), ...definedOf(known) });
  }

  join(kind: keyof DeviceTree, identity: GroupIdentity, member: FoundMember): boolean {
    const group =
      this.#groups.find((one) => one.kind === kind && one.name === identity.name) ?? this.#open(kind, identity);
    if (group.id === identity.id) group.members.push(member);
    else this.note(member.path, `it belongs to another ${kind} that is called ${identity.name} too`);
    return group.id === identity.id;
  }

  answer(block: BlockFacts, question: string, path: string): string | undefined {
    const answer = block.answers[question];
    if (answer === undefined || "text" in answer) return answer?.text;
    this.note(path, answer.fault);
    return undefined;
  }

  mounted(block: BlockFacts, subvolume?: string): MountText {
    const mounts = block.uses.filter((use) => isMountOf(use, subvolume === undefined ? "/" : `/${subvolume}`));
    return mountText({ mounts, fstab: this.fstabOf(block), systemRoot: this.#facts.systemRoot, subvolume });
  }

  usedBy(block: BlockFacts, subvolume: string): Pick<FoundNode, "usedAt"> {
    return { usedAt: usedAt(block.uses.filter((use) => isMountOf(use, `/${subvolume}`))) };
  }

  nameOf(block: BlockFacts): string {
    return (
      [...devicesNamed(block, this.#facts)].find((name) => stable.test(name)) ??
      stablePath(block) ??
      block.path ??
      block.name
    );
  }

  fstabOf(block: BlockFacts): readonly FstabLine[] {
    const names = devicesNamed(block, this.#facts);
    return this.#facts.fstab.filter(({ device }) => names.has(device));
  }

  #open(kind: keyof DeviceTree, identity: GroupIdentity): OpenGroup {
    const keys = this.#groups.filter((one) => one.kind === kind).map(({ key }) => key);
    const group = { kind, ...identity, key: keyFor(identity.name, keys, kind), members: [] };
    this.#groups.push(group);
    return group;
  }

  #nothing({ path }: FoundPlace, reason: string): null {
    this.note(path, reason);
    return null;
  }

  /** Names what is there and has no node. */
  #unread(block: BlockFacts, at: FoundPlace): null {
    const { type } = block.mark;
    const users = [...block.above, ...(block.loops ?? []), ...usedAt(block.uses)];
    if (type !== null) {
      this.know(at.path, block, { holds: { what: type }, obstacle: usedObstacle(users) ?? partObstacle(type) });
      return this.#nothing(at, `it holds ${type}, which is not read as a node of a tree`);
    }
    if (users.length > 0) {
      this.know(at.path, block, {
        holds: { what: "something without a mark", isUnmarked: true },
        obstacle: usedObstacle(users),
      });
      return this.#nothing(at, `it is used by ${users.join(", ")}, and has no mark of what that is`);
    }
    if (block.hasBytes === true)
      this.know(at.path, block, { holds: { what: "data without a mark", isUnmarked: true } });
    return null;
  }
}

function usedObstacle(users: readonly string[]): string | undefined {
  return users.length === 0 ? undefined : `it is used by ${users.join(", ")}`;
}

/** Nothing tells here which filesystem it is that needs the device. */
function partObstacle(mark: string): string | undefined {
  return isPartOfFilesystem(mark) ? `a filesystem elsewhere may need it (${mark})` : undefined;
}

/** Names that a partition keeps, and those of opened containers and volumes. */
const stable = /^\/dev\/(disk\/by-partuuid|mapper)\//;

/** Why what fills a device cannot be told, or cannot stand there in a tree. */
function obstacleIn({ mark, table }: BlockFacts, { mayBeTable }: FoundPlace): string | undefined {
  const named = [
    ...mark.rivals,
    ...(mark.type === null || table === null ? [] : [mark.type, `a partition table (${table.kind})`]),
  ];
  if (named.length > 1) return `it has the marks of ${named.join(" and of ")}; which of them counts is not known`;
  if (table === null || mark.type !== null || mayBeTable) return undefined;
  return `it has a partition table (${table.kind}), and a tree has none in a partition or a volume`;
}

function ofBlock(block: BlockFacts): FoundNode {
  const used = block.uses.flatMap((use) => (use.kind === "mount" ? (use.used ?? []) : []))[0];
  const sectorSize = block.sectorSize === 4096 ? 4096 : 512;
  const held = heldThrough(block.loops ?? []);
  return {
    device: block.path,
    size: block.size,
    sectorSize,
    usedAt: usedAt(block.uses),
    ...(used === undefined ? {} : { used }),
    ...(held === undefined ? {} : { held, obstacle: held }),
  };
}

/** Names the loop devices over it: what is mounted through them is no use of its own. */
function heldThrough(loops: readonly string[]): string | undefined {
  if (loops.length === 0) return undefined;
  const paths = loops.map((name) => `/dev/${name}`);
  return `it is used through ${paths.join(", ")}: let go of that first (losetup --detach ${paths.join(" ")})`;
}

function isMountOf(use: BlockUse, root: string): use is Extract<BlockUse, { kind: "mount" }> {
  return use.kind === "mount" && use.root === root;
}

function definedOf(known: Partial<FoundNode>): Partial<FoundNode> {
  return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
}
