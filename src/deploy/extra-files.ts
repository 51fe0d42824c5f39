import { lstatSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { byteString, textOf } from "../base/byte-string.ts";
import { MkimageError } from "../base/errors.ts";
import { numericOwner, readContents } from "../manifest/contents.ts";
import { placeContents } from "../manifest/place-contents.ts";
import { lookUp, namesOf, ownedBy } from "../manifest/tree.ts";
import type { ImageSource } from "../pipeline/plan/source.ts";
import type { ExtraFiles } from "./deploy-request.ts";

/**
 * A system with further files of this machine, which are kept off its disks other than in the image itself: keys are among
 * them.
 *
 * @param seconds the time that the files have.
 * @throws MkimageError BAD_REQUEST for what cannot be read or placed, and for owners of paths that are not there.
 */
export function withExtraFiles(source: ImageSource, extra: ExtraFiles, seconds: number): ImageSource {
  const time = { seconds, nanoseconds: 0 };
  const entries = extra.folders.flatMap(entriesOf);
  const contents = readContents(entries, time);
  placeContents(source.files, contents, time);
  const named = extra.owners.flatMap(([path, owner]) => giveTo(source, path, owner));
  return {
    ...source,
    asked: [...source.asked, ...contents.flatMap(({ items }) => items)],
    privateSources: [...source.privateSources, ...entries.map((entry) => byteString(entry.source))],
    namedOwners: [...source.namedOwners, ...named],
  };
}

/** The entries of a folder, each with its place below the root. */
function entriesOf(folder: string): { readonly source: string; readonly target: string }[] {
  try {
    if (lstatSync(folder).isDirectory())
      return readdirSync(folder).map((name) => ({ source: join(folder, name), target: `/${name}` }));
  } catch (error) {
    throw new MkimageError("BAD_REQUEST", `--extra-files: ${folder} cannot be read: ${(error as Error).message}`);
  }
  throw new MkimageError("BAD_REQUEST", `--extra-files: ${folder} is not a folder`, {
    hint: "its entries are placed below the root of the new system: FOLDER/etc/ssh becomes /etc/ssh",
  });
}

/** Gives a path to its owner by numbers now; one with a name is left to a guest that knows the system's users. */
function giveTo(source: ImageSource, path: string, owner: string): ImageSource["namedOwners"] {
  const [user = "", group = user] = owner.split(":");
  const inode = lookUp(source.files, byteString(path));
  if (user === "" || group === "" || inode === undefined) {
    const why = inode === undefined ? "the new system has no such path" : `${JSON.stringify(owner)} is no USER:GROUP`;
    throw new MkimageError("BAD_REQUEST", `--chown ${path}: ${why}`, {
      hint: "name a path of --extra-files as it is in the new system: --chown /home/me 1000:100",
    });
  }
  const numbers = numericOwner({ source: "", target: path, user, group });
  if (numbers === undefined) return [{ path: textOf(`/${namesOf(byteString(path)).join("/")}`), user, group }];
  const folder = lookUp(source.files, byteString(dirname(path)));
  const name = namesOf(byteString(path)).at(-1);
  if (folder?.type === "directory" && name !== undefined) folder.entries.set(name, ownedBy(inode, numbers));
  return [];
}
