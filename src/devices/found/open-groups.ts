import type { DeviceTree } from "../device-tree.ts";
import { keyFor } from "./keys.ts";
import type { FoundGroup, FoundMember, GroupIdentity } from "./reading.ts";

/** A group whose members are being found. */
interface OpenGroup extends GroupIdentity {
  readonly kind: keyof DeviceTree;
  readonly key: string;
  readonly members: FoundMember[];
}

/** The groups that are met on a walk over devices, each with the members that were found up to now. */
export class OpenGroups {
  readonly #groups: OpenGroup[] = [];
  #done = 0;

  /** The next group that has not been read. */
  next(): FoundGroup | undefined {
    const group = this.#groups[this.#done];
    if (group === undefined) return undefined;
    this.#done += 1;
    return { ...group, path: `${group.kind}.${group.key}` };
  }

  /** Adds a member to its group; false where another group has that name. */
  join(kind: keyof DeviceTree, identity: GroupIdentity, member: FoundMember): boolean {
    const group =
      this.#groups.find((one) => one.kind === kind && one.name === identity.name) ?? this.#open(kind, identity);
    if (group.id !== identity.id) return false;
    group.members.push(member);
    return true;
  }

  #open(kind: keyof DeviceTree, identity: GroupIdentity): OpenGroup {
    const keys = this.#groups.filter((one) => one.kind === kind).map(({ key }) => key);
    const group = { kind, ...identity, key: keyFor(identity.name, keys, kind), members: [] };
    this.#groups.push(group);
    return group;
  }
}
