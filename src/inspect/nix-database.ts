import { MiB } from "../base/units.ts";
import { lengthOf } from "../image/extent.ts";
import { contentExtents } from "../manifest/content-extents.ts";
import type { DirectoryInode, FileInode } from "../manifest/inode.ts";
import { lookUp } from "../manifest/tree.ts";
import { isStorePath } from "../nix/store-path.ts";
import { Allowance } from "./budget.ts";
import { badImage } from "../base/image-faults.ts";
import { FileBytes } from "./file-bytes.ts";
import { Pages } from "./sqlite/pages.ts";
import type { Value } from "./sqlite/record.ts";
import { rowsOf } from "./sqlite/rows.ts";
import { findTable } from "./sqlite/tables.ts";
import type { Turns } from "../image/turns.ts";

/** A store path as the database in an image knows it. */
export interface RegisteredPath {
  readonly path: string;
  readonly narSize: number;
  readonly references: readonly string[];
}

/**
 * Reads the Nix database of an image; `undefined` where there is none. Its tables are read as they stand in the file:
 * nothing in it is executed, and SQLite does not see it.
 *
 * @throws MkimageError BAD_IMAGE when it is no database, or not one of Nix; INTERRUPTED.
 */
export async function readNixDatabase(
  root: DirectoryInode,
  path: string,
  turns: Turns,
): Promise<readonly RegisteredPath[] | undefined> {
  const inode = lookUp(root, path);
  if (inode?.type !== "file") return undefined;
  const log = lookUp(root, `${path}-wal`);
  using file = new FileBytes(inode);
  using logFile = log?.type === "file" ? new FileBytes(log) : undefined;
  const pages = new Pages(file, logFile);
  const paths = await readPaths(pages, turns);
  const references = await readReferences(pages, turns, new References(paths, sizeOf(inode)));
  return [...paths]
    .map(([id, { name, size }]) => ({ path: name, narSize: size, references: references.of(id) }))
    .toSorted((one, other) => (one.path < other.path ? -1 : 1));
}

function sizeOf(file: FileInode): number {
  return lengthOf(contentExtents(file));
}

interface NamedPath {
  readonly name: string;
  readonly size: number;
}

async function readPaths(pages: Pages, turns: Turns): Promise<Map<number, NamedPath>> {
  const paths = new Map<number, NamedPath>();
  const names = new Set<string>();
  for await (const [id, path, narSize] of read(pages, "ValidPaths", ["id", "path", "narsize"], turns)) {
    const name = storePathOf(path);
    if (typeof id !== "number" || paths.has(id)) throw badImage(`it has the number ${id} twice`);
    if (names.has(name)) throw badImage(`it has ${name} twice`);
    names.add(name);
    paths.set(id, { name, size: typeof narSize === "number" ? narSize : 0 });
  }
  return paths;
}

async function readReferences(pages: Pages, turns: Turns, references: References): Promise<References> {
  for await (const [referrer, reference] of read(pages, "Refs", ["referrer", "reference"], turns))
    references.add(Number(referrer), Number(reference));
  return references;
}

/** The columns of a table that are asked for; one that stands for the number of a row is left empty there. */
async function* read(
  pages: Pages,
  name: string,
  wanted: readonly string[],
  turns: Turns,
): AsyncGenerator<readonly Value[]> {
  const { root, columns } = findTable(pages, name);
  const places = wanted.map((each) => columns.indexOf(each));
  if (places.includes(-1)) throw badImage(`it has no ${wanted.join(", ")} in ${name}`);
  for (const { id, values } of rowsOf(pages, root, Math.max(...places) + 1)) {
    if (turns.isOver) await turns.next();
    yield places.map((place, index) => values[place] ?? (wanted[index] === "id" ? id : null));
  }
}

/** Which path refers to which, by their numbers. */
class References {
  readonly #paths: ReadonlyMap<number, NamedPath>;
  readonly #lists = new Map<number, Set<string>>();
  readonly #text: Allowance;

  constructor(paths: ReadonlyMap<number, NamedPath>, databaseSize: number) {
    this.#paths = paths;
    // A reference takes some forty bytes of a database, and a name a hundred of whoever lists it.
    this.#text = new Allowance("bytes of references", 16 * MiB + 4 * databaseSize);
  }

  add(referrer: number, reference: number): void {
    const name = this.#paths.get(reference)?.name;
    if (name === undefined || !this.#paths.has(referrer)) return;
    this.#text.take(name.length);
    const list = this.#lists.get(referrer);
    if (list === undefined) this.#lists.set(referrer, new Set([name]));
    else list.add(name);
  }

  of(id: number): string[] {
    return [...(this.#lists.get(id) ?? [])].toSorted();
  }
}

function storePathOf(value: Value | undefined): string {
  if (typeof value === "string" && isStorePath(value)) return value;
  throw badImage(`it calls ${JSON.stringify(value)?.slice(0, 300)} a store path`);
}
