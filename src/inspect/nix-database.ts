import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { GiB } from "../layout/units.ts";
import { isStorePath } from "../system/store-path.ts";
import type { DirectoryInode } from "../manifest/inode.ts";
import { lookUp } from "../manifest/tree.ts";
import { extract } from "./file-content.ts";
import { badImage } from "./faults.ts";

/** A store path as the database in an image knows it. */
export interface RegisteredPath {
  readonly path: string;
  readonly narSize: number;
  readonly references: readonly string[];
}

const largest = 4 * GiB;

/**
 * Reads the Nix database of an image, from a copy of it in `folder`. `undefined` where there is none. The copy's own
 * triggers and views are not trusted.
 *
 * @throws MkimageError BAD_IMAGE when it is no database, or not one of Nix.
 */
export async function readNixDatabase(
  root: DirectoryInode,
  path: string,
  folder: string,
): Promise<readonly RegisteredPath[] | undefined> {
  const inode = lookUp(root, path);
  if (inode?.type !== "file") return undefined;
  const copy = join(folder, "db.sqlite");
  await extract(inode, copy, largest);
  const log = lookUp(root, `${path}-wal`);
  if (log?.type === "file" && log.size > 0) await extract(log, `${copy}-wal`, largest);
  return query(copy);
}

function query(copy: string): RegisteredPath[] {
  const database = new DatabaseSync(copy);
  try {
    database.exec("pragma trusted_schema = off; pragma query_only = on");
    requireTables(database);
    const references = referencesById(database);
    const rows = database.prepare("select id, path, coalesce(narSize, 0) as size from ValidPaths order by path");
    return [...rows.iterate()].map((row) => ({
      path: storePathOf(row["path"]),
      narSize: Number(row["size"]),
      references: references.get(Number(row["id"])) ?? [],
    }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_SQLITE_ERROR") throw error;
    throw badImage(`the Nix database cannot be read: ${(error as Error).message}`);
  } finally {
    database.close();
  }
}

/** A view under the name of a table could compute for ever. */
function requireTables(database: DatabaseSync): void {
  const rows = database
    .prepare("select name, type from sqlite_schema where name in ('ValidPaths', 'Refs') and type = 'table'")
    .all();
  if (rows.length !== 2) throw badImage("the Nix database has no tables ValidPaths and Refs");
}

function referencesById(database: DatabaseSync): Map<number, string[]> {
  const found = new Map<number, string[]>();
  const rows = database.prepare(
    "select referrer, path from Refs join ValidPaths on ValidPaths.id = Refs.reference order by path",
  );
  for (const row of rows.iterate()) {
    const referrer = Number(row["referrer"]);
    const list = found.get(referrer);
    if (list === undefined) found.set(referrer, [storePathOf(row["path"])]);
    else list.push(storePathOf(row["path"]));
  }
  return found;
}

function storePathOf(value: unknown): string {
  if (typeof value === "string" && isStorePath(value)) return value;
  throw badImage(`the Nix database calls ${JSON.stringify(value)} a store path`);
}
