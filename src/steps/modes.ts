const modes = ["destroy", "format", "mount", "unmount"] as const;

/** An operation on the disks of a tree. */
export type Mode = (typeof modes)[number];

/** The names that older versions of disko had for modes. */
const olderNames: Readonly<Record<string, readonly Mode[]>> = {
  disko: ["destroy", "format", "mount"],
  zap_create_mount: ["destroy", "format", "mount"],
  create: ["format"],
};

/** Reads `destroy,format,mount`, in the order in which they are done; `undefined` for what is no mode. */
export function modesOf(text: string): readonly Mode[] | undefined {
  const named = text.split(",").map((word) => olderNames[word] ?? modes.filter((mode) => mode === word));
  if (named.some((found) => found.length === 0)) return undefined;
  return modes.filter((mode) => named.flat().includes(mode));
}
