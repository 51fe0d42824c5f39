/** A subvolume as it is. */
export interface Subvolume {
  /** From the top of the filesystem, without a slash before it; `undefined` where the folders on the way are not known. */
  readonly path: string | undefined;
  readonly isSnapshot: boolean;
}

/** Reads what `btrfs subvolume list -q` prints of a mounted filesystem. */
export function listedSubvolumes(printed: string): Subvolume[] {
  return [...printed.matchAll(/^ID \d+ .* parent_uuid (\S+) +path (.*)$/gm)].map(([, parent, path]) => {
    return { path: path?.replace(/^<FS_TREE>\//, ""), isSnapshot: parent !== "-" };
  });
}

interface Root {
  parent?: string;
  folder?: string;
  name?: string;
  isSnapshot?: boolean;
}

/** The tree of the top, and the first folder of every tree. */
const [topTree, topFolder] = ["5", "256"];
const deepest = 64;

/**
 * Reads what `btrfs inspect-internal dump-tree -t root` prints. A subvolume is known by the folder that it lies in; of
 * folders that are no subvolume's top the tree of roots has no names.
 */
export function subvolumesOfTree(printed: string): Subvolume[] {
  const roots = new Map<string, Root>();
  let root: Root = {};
  for (const line of printed.split("\n")) {
    const [, id, item, parent] = /^\titem \d+ key \((\d+) (ROOT_ITEM|ROOT_BACKREF) (\d+)\)/.exec(line) ?? [];
    if (line.startsWith("\titem ")) root = {};
    if (id !== undefined) {
      root = roots.get(id) ?? {};
      roots.set(id, root);
    }
    if (item === "ROOT_BACKREF" && parent !== undefined) root.parent = parent;
    const [, from] = /^\t\tparent_uuid (\S+)$/.exec(line) ?? [];
    if (from !== undefined) root.isSnapshot = /[1-9a-f]/.test(from);
    const [, folder, name] = /^\t\troot backref key dirid (\d+) sequence \d+ name (.*)$/.exec(line) ?? [];
    Object.assign(root, folder === undefined ? {} : { folder, name });
  }
  const subvolumes = [...roots.values()].filter(({ name }) => name !== undefined);
  return subvolumes.map((one) => ({ path: pathOf(one, roots, 0), isSnapshot: one.isSnapshot === true }));
}

function pathOf(
  { parent = "", folder, name }: Root,
  roots: ReadonlyMap<string, Root>,
  depth: number,
): string | undefined {
  if (folder !== topFolder || depth > deepest) return undefined;
  if (parent === topTree) return name;
  const above = roots.get(parent);
  const path = above === undefined ? undefined : pathOf(above, roots, depth + 1);
  return path === undefined ? undefined : `${path}/${name}`;
}
