/** Something that only one can have, and who takes it. */
export interface TakenThing {
  /** `the mount point /boot` */
  readonly what: string;
  /** Where the node stands in the device tree that takes it. */
  readonly path: string;
}

/** A line for each thing that is taken more than once, with the paths of all that take it. */
export function sharedThings(things: readonly TakenThing[]): string[] {
  const paths = new Map<string, string[]>();
  for (const { what, path } of things) paths.set(what, [...(paths.get(what) ?? []), path]);
  return [...paths].flatMap(([what, all]) => (all.length < 2 ? [] : [`${all.join(" and ")} have ${what}`]));
}
