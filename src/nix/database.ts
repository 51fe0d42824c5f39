import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { StorePath } from "./registration.ts";

interface DatabaseOptions {
  /** Seconds since 1970, written as every path's registration time; Nix takes 0 for "not set", so at least 1. */
  readonly registrationTime: number;
  /** An existing folder for a file of some 100 KiB, which is gone again on return. */
  readonly scratchFolder: string;
}

/** The schema version in `nix/var/nix/db/schema` for a database of this form. */
export const schemaVersion = "10";

/**
 * The Nix database `db.sqlite` in which exactly these paths are valid. The same paths and time give the same bytes.
 *
 * Source: the tables that `nix-store --load-db` makes (Nix 2.8 to 2.3x, schema 10). Content-addressed derivations keep
 * tables of their own, which Nix adds when it needs them.
 */
export function writeDatabase(paths: readonly StorePath[], options: DatabaseOptions): Buffer {
  const folder = mkdtempSync(join(options.scratchFolder, "nix-database-"));
  try {
    const file = join(folder, "db.sqlite");
    fill(file, paths, options.registrationTime);
    return normalizeHeader(readFileSync(file));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const tables = `
create table ValidPaths (
  id integer primary key autoincrement not null,
  path text unique not null,
  hash text not null,
  registrationTime integer not null,
  deriver text,
  narSize integer,
  ultimate integer,
  sigs text,
  ca text
);
create table Refs (
  referrer integer not null,
  reference integer not null,
  primary key (referrer, reference),
  foreign key (referrer) references ValidPaths(id) on delete cascade,
  foreign key (reference) references ValidPaths(id) on delete restrict
);
create index IndexReferrer on Refs(referrer);
create index IndexReference on Refs(reference);
create trigger DeleteSelfRefs before delete on ValidPaths begin
  delete from Refs where referrer = old.id and reference = old.id;
end;
create table DerivationOutputs (
  drv integer not null,
  id text not null,
  path text not null,
  primary key (drv, id),
  foreign key (drv) references ValidPaths(id) on delete cascade
);
create index IndexDerivationOutputs on DerivationOutputs(path);
`;

function fill(file: string, paths: readonly StorePath[], registrationTime: number): void {
  const database = new DatabaseSync(file);
  try {
    database.exec(
      "pragma page_size = 4096; pragma encoding = 'UTF-8'; pragma journal_mode = memory; pragma synchronous = off",
    );
    database.exec(`begin; ${tables}`);
    insertPaths(database, paths, registrationTime);
    database.exec("commit; vacuum");
  } finally {
    database.close();
  }
}

function insertPaths(database: DatabaseSync, paths: readonly StorePath[], registrationTime: number): void {
  const sorted = paths.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const ids = new Map(sorted.map(({ path }, index) => [path, index + 1]));
  const insertPath = database.prepare(
    "insert into ValidPaths (id, path, hash, registrationTime, narSize) values (?, ?, ?, ?, ?)",
  );
  const insertReference = database.prepare("insert into Refs (referrer, reference) values (?, ?)");
  for (const [index, { path, narHash, narSize }] of sorted.entries()) {
    insertPath.run(index + 1, path, `sha256:${narHash}`, registrationTime, narSize);
  }
  for (const [index, { references }] of sorted.entries()) {
    const numbers = references.map((reference) => ids.get(reference) as number).toSorted((a, b) => a - b);
    for (const reference of numbers) insertReference.run(index + 1, reference);
  }
}

/**
 * Sets what SQLite counts or stamps: the change counter, the change it was last valid for, and the library's version.
 *
 * Source: the SQLite file format, "The Database Header" (offsets 24, 92 and 96).
 */
function normalizeHeader(file: Buffer): Buffer {
  const changeCounter = 1;
  const libraryVersion = 3_040_001;
  file.writeUInt32BE(changeCounter, 24);
  file.writeUInt32BE(changeCounter, 92);
  file.writeUInt32BE(libraryVersion, 96);
  return file;
}
