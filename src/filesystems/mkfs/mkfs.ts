/** How the program that makes a filesystem is told its label and UUID, and how a user's own arguments say them. */
export interface Mkfs {
  /** Its short options in getopt's notation: `L:` takes a value. */
  readonly short: string;
  /** Its long options: `label=` takes a value. */
  readonly long: readonly string[];
  readonly label: LabelOption;
  /** Where there is none, the program draws it. */
  readonly uuid?: NameOption;
  readonly identifier: "uuid" | "volume id";
  /** Arguments without which it takes the clock and random numbers. */
  readonly fixed: readonly string[];
}

/** One option under its names, of which the first is the one that we use. */
export interface NameOption {
  /** `-L`, `--label` */
  readonly names: readonly [string, ...string[]];
  /** The key of a value such as `crc=1,uuid=…`. */
  readonly key?: string;
}

/** As it is of labels, with the longest that the filesystem has room for. */
interface LabelOption extends NameOption {
  readonly most: number;
  /** How it counts: programs cut off what is longer, or refuse it. */
  readonly counted: "bytes" | "characters";
}

/** Why a label does not do for a filesystem. */
export function labelFault(label: string, { most, counted }: LabelOption): string | undefined {
  const length = counted === "bytes" ? Buffer.byteLength(label) : label.length;
  return length <= most
    ? undefined
    : `the label ${JSON.stringify(label)} has ${length} ${counted}, and ${most} are the most`;
}

/** The words by which an option gets a value. */
export function optionWords({ names: [name], key }: NameOption, value: string): string[] {
  const text = key === undefined ? value : `${key}=${value}`;
  return name.startsWith("--") ? [`${name}=${text}`] : [name, text];
}
