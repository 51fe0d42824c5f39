/** How the program that makes a filesystem is told its label and UUID, and how a user's own arguments say them. */
export interface Mkfs {
  /** Its short options in getopt's notation: `L:` takes a value. */
  readonly short: string;
  /** Its long options: `label=` takes a value. */
  readonly long: readonly string[];
  readonly label: NameOption;
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

/** The words by which an option gets a value. */
export function optionWords({ names: [name], key }: NameOption, value: string): string[] {
  const text = key === undefined ? value : `${key}=${value}`;
  return name.startsWith("--") ? [`${name}=${text}`] : [name, text];
}
