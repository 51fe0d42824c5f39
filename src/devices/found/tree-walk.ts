import type { DeviceTree } from "../device-tree.ts";
import type { FoundNode, Unexpressed } from "../found.ts";
import { nodeOfBlock, obstacleIn, unreadOn } from "./block-node.ts";
import type { BlockFacts, FstabLine, StorageFacts } from "./facts.ts";
import { fstabLinesOf, mountedText, mountsOf } from "./mounts.ts";
import { OpenGroups } from "./open-groups.ts";
import { configuredName } from "./stable-path.ts";
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

/** A walk over devices, which gathers what is found on the way. */
export class TreeWalk implements TreeReader {
  readonly nodes = new Map<string, FoundNode>();
  readonly unexpressed: Unexpressed[] = [];
  readonly #facts: StorageFacts;
  readonly #readings: readonly ContentReading[];
  readonly #groups = new OpenGroups();
  readonly #visited = new Set<string>();
  /** By the names of devices that something lies on together: where one of them was read, and not yet all. */
  readonly #unplaced = new Map<string, string>();

  constructor(facts: StorageFacts, readings: readonly ContentReading[]) {
    this.#facts = facts;
    this.#readings = readings;
  }

  nextGroup(): FoundGroup | undefined {
    return this.#groups.next();
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
    const own = block === undefined ? { device: undefined, size: 0, usedAt: [] } : nodeOfBlock(block);
    this.nodes.set(path, { ...own, ...this.nodes.get(path), ...definedOf(known) });
  }

  join(kind: keyof DeviceTree, identity: GroupIdentity, member: FoundMember): boolean {
    const isIn = this.#groups.join(kind, identity, member);
    if (!isIn) this.note(member.path, `it belongs to another ${kind} that is called ${identity.name} too`);
    return isIn;
  }

  answer(block: BlockFacts, question: string, path: string): string | undefined {
    const answer = block.answers[question];
    if (answer === undefined || "text" in answer) return answer?.text;
    this.note(path, answer.fault);
    return undefined;
  }

  mounted(block: BlockFacts, subvolume?: string): MountText {
    return mountedText(block, subvolume, this.#facts);
  }

  usedBy(block: BlockFacts, subvolume: string): Pick<FoundNode, "usedAt"> {
    return { usedAt: usedAt(mountsOf(block, `/${subvolume}`)) };
  }

  nameOf(block: BlockFacts): string {
    return configuredName(block, this.#facts);
  }

  fstabOf(block: BlockFacts): readonly FstabLine[] {
    return fstabLinesOf(block, this.#facts);
  }

  #nothing({ path }: FoundPlace, reason: string): null {
    this.note(path, reason);
    return null;
  }

  /** Names what is there and has no node. */
  #unread(block: BlockFacts, at: FoundPlace): null {
    const unread = unreadOn(block);
    if (unread === undefined) return null;
    this.know(at.path, block, unread.known);
    return unread.reason === undefined ? null : this.#nothing(at, unread.reason);
  }
}

function definedOf(known: Partial<FoundNode>): Partial<FoundNode> {
  return Object.fromEntries(Object.entries<unknown>(known).filter(([, value]) => value !== undefined));
}
