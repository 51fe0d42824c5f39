import type { TakenThing } from "../../../base/shared-things.ts";
import { identified, named, plainPath } from "../../tree/taken.ts";
import type { BtrfsNode } from "./schema.ts";

/** Its UUID, and in it the names of subvolumes and swap files. */
export function takenByBtrfs(node: BtrfsNode, path: string): TakenThing[] {
  return [
    ...identified(node.uuid, path),
    ...named(node.subvolumes, `${path}.subvolumes`, `in ${path} the name`, plainPath),
    ...swapFiles(node.swap, "/", path, path),
    ...Object.entries(node.subvolumes).flatMap(([key, { name, swap }]) =>
      swapFiles(swap, `/${name}/`, path, `${path}.subvolumes.${key}`),
    ),
  ];
}

function swapFiles(files: BtrfsNode["swap"], folder: string, filesystem: string, owner: string): TakenThing[] {
  return Object.entries(files).map(([key, { path }]) => {
    return {
      what: `in ${filesystem} the swap file ${plainPath(`${folder}${path}`)}`,
      path: `${owner}.swap.${key}`,
    };
  });
}
