import type { DeviceTree } from "../device-tree.ts";
import type { FoundDisks } from "../found.ts";
import type { Findings } from "./findings.ts";

/** The disks as they are after the changes: the tree's own nodes, and what is there beside them and stays. Pure. */
export function afterChanges(tree: DeviceTree, found: FoundDisks, { after, kept }: Findings): FoundDisks {
  const survivors = [...kept].map(([path, foundPath]) => ({ path, node: valueAt(found.tree, foundPath) }));
  const whole = survivors.reduce<unknown>((root, { path, node }) => withValueAt(root, path, node), tree);
  const isKept = (path: string) => [...kept.values()].some((one) => path === one || path.startsWith(`${one}.`));
  return {
    tree: whole as DeviceTree,
    diskKeys: Object.keys(tree.disk),
    nodes: after,
    unexpressed: found.unexpressed.filter(({ path }) => isKept(path)),
  };
}

/** Returns the part of a tree at a path, whatever its keys are. */
function valueAt(root: unknown, path: string): unknown {
  if (path === "") return root;
  const found = nextKey(root, path);
  return found === undefined ? undefined : valueAt(childOf(root, found.key), found.rest);
}

/** A tree in which something else stands at a path; what has no place there is left out. */
function withValueAt(root: unknown, path: string, value: unknown): unknown {
  if (path === "") return value;
  if (typeof root !== "object" || root === null) return root;
  const found = nextKey(root, path);
  if (Array.isArray(root)) {
    const index = Number(found?.key ?? Number.NaN);
    return root.map((one: unknown, at) => (at === index ? withValueAt(one, found?.rest ?? "", value) : one));
  }
  const { key, rest } = found ?? { key: path, rest: "" };
  return { ...root, [key]: withValueAt(childOf(root, key), rest, value) };
}

function childOf(root: unknown, key: string): unknown {
  return typeof root === "object" && root !== null ? (root as Record<string, unknown>)[key] : undefined;
}

/** The key that a path begins with: the longest, since keys may have dots in them. */
function nextKey(root: unknown, path: string): { readonly key: string; readonly rest: string } | undefined {
  const index = /^\[(\d+)\]\.?/.exec(path);
  if (index !== null) return { key: index[1] ?? "", rest: path.slice(index[0].length) };
  if (typeof root !== "object" || root === null) return undefined;
  const keys = Object.keys(root).toSorted((a, b) => b.length - a.length);
  const key = keys.find((one) => path === one || path.startsWith(`${one}.`) || path.startsWith(`${one}[`));
  if (key === undefined) return undefined;
  const rest = path.slice(key.length);
  return { key, rest: rest.startsWith(".") ? rest.slice(1) : rest };
}
