/**
 * The content that the tree wants on a device, or on several that make one thing together. Present content is the tree's
 * own, and stays; or there is none, and it is made; or it is anything else, and nothing is done to any device.
 */
export interface Claim {
  /** The name of the whole, for messages: `volume group vg`. */
  readonly thing: string;
  /** The wanted content of each device, for messages: `a member of volume group vg`. */
  readonly wanted: string;
  readonly devices: readonly ClaimedDevice[];
  readonly own: Own;
  readonly auxiliary?: Auxiliary;
  /** The action when some devices have it and others do not. */
  readonly incomplete: Incomplete;
  /** How something else is found that has the name already. */
  readonly taken?: Taken;
  /** Devices that hold nothing may be in use: they are encrypted anew at each boot. */
  readonly mayBeInUse?: true;
}

export interface ClaimedDevice {
  /** Where the content stands in the tree: `disk.main.content`. */
  readonly path: string;
  /** The device on the machine that runs the steps. */
  readonly device: string;
}

/**
 * Further devices that a group can do without, such as a spare: what is on them says what it is for, and not for whom. They
 * are the group's own where that is there, and in the way of one that is made.
 */
interface Auxiliary {
  readonly devices: readonly ClaimedDevice[];
  /** The command that succeeds for such a device, which is added. */
  readonly argv: readonly string[];
}

/** How what is on a device is known to be the tree's own. */
interface Own {
  /** As `blkid` names it: `ext4`, `LVM2_member`; of a partition table `gpt table`, `dos table`. */
  readonly contents: readonly string[];
  readonly owner?: Owner;
}

/** The owner of a member: the test of which group a device belongs to. */
interface Owner {
  /** The command that prints it, but for the device, which is added: nothing for a member of nobody. */
  readonly argv: readonly string[];
  /** The output that it has to print; `null` when it has to be the same for all devices, whichever that is. */
  readonly name: string | null;
}

/** It is used without them, and never completed; or nothing is done until somebody decides. */
type Incomplete = { readonly kind: "used" } | { readonly kind: "refused"; readonly hint: string };

/** A command that succeeds when the name is taken; by default asked only when no device is the claim's own. */
interface Taken {
  readonly argv: readonly string[];
  readonly always?: true;
}

/** The claim of what lies on one device, and is known by its type. */
export function claimOn({ path, device }: ClaimedDevice, wanted: string, ...contents: readonly string[]): Claim {
  const thing = `${wanted} on ${device}`;
  return { thing, wanted, devices: [{ path, device }], own: { contents }, incomplete: { kind: "used" } };
}

/** The device that stands for all. */
export function firstDevice({ thing, devices: [first] }: Claim): ClaimedDevice {
  if (first === undefined) throw new Error(`${thing} is on no device`);
  return first;
}

/** The programs that looking for a claim takes, beside those of the functions. */
export function claimPrograms({ own, auxiliary, taken }: Claim): string[] {
  return [own.owner, auxiliary, taken].flatMap((asked) => asked?.argv.slice(0, 1) ?? []);
}
