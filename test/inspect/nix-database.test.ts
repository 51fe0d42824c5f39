import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import test, { type ExecutionContext } from "ava";
import { readNixDatabase } from "../../src/inspect/nix-database.ts";
import { bytesExtent } from "../../src/image/extent.ts";
import type { FileInode } from "../../src/manifest/inode.ts";
import { Turns } from "../../src/image/turns.ts";
import { file, folder } from "../filesystems/ext4/trees.ts";
import { temporaryFolder } from "../image/folder.ts";

const path = (index: number, name = "package"): string => `/nix/store/${String(index).padStart(32, "0")}-${name}`;
const nixTables = `create table ValidPaths (
    id integer primary key autoincrement not null, path text unique not null, hash text not null, -- base16
    registrationTime integer not null, deriver text, narSize integer, ultimate integer, sigs text, ca text);
  create table Refs (referrer integer not null, reference integer not null, primary key (referrer, reference),
    foreign key (referrer) references ValidPaths(id) on delete cascade);`;

/** Reads what SQLite wrote, its log included where that is still there. */
async function read(t: ExecutionContext, make: (database: DatabaseSync) => void) {
  const place = join(temporaryFolder(t), "db.sqlite");
  const copy = `${place}.copy`;
  const database = new DatabaseSync(place);
  make(database);
  copyFileSync(place, copy);
  const entries: Record<string, FileInode> = { db: holding(readFileSync(copy)) };
  if (existsSync(`${place}-wal`)) entries["db-wal"] = holding(readFileSync(`${place}-wal`));
  database.close();
  return await readNixDatabase(folder(entries), "db", new Turns(undefined));
}

function holding(bytes: Buffer): FileInode {
  return { ...file(""), size: bytes.length, content: [bytesExtent(0, bytes)] };
}

for (const [name, settings] of [
  ["as SQLite makes it", ""],
  ["in UTF-16", "pragma encoding = 'UTF-16be';"],
  ["in small pages, with rows on several", "pragma page_size = 512;"],
  ["with all of it in its log", "pragma journal_mode = wal; pragma wal_autocheckpoint = 0;"],
] as const) {
  test(`a Nix database ${name}`, async (t) => {
    const count = 500;
    const found = await read(t, (database) => {
      database.exec(`${settings}${nixTables}`);
      database.exec("begin");
      const insert = database.prepare("insert into ValidPaths values (?, ?, 'sha256:0', 1, null, ?, 0, ?, null)");
      const refer = database.prepare("insert into Refs values (?, ?)");
      for (let index = 1; index <= count; index += 1)
        insert.run(index, path(index), index * 1000, "s".repeat(index * 4));
      for (let index = 1; index <= count; index += 1) refer.run(index, (index % count) + 1);
      database.exec("commit");
    });
    t.is(found?.length, count);
    t.deepEqual(found?.[6], { path: path(7), narSize: 7000, references: [path(8)] });
    t.deepEqual(found?.at(-1)?.references, [path(1)]);
  });
}

for (const [what, sql, message] of [
  ["a view", `create view ValidPaths as select 1 as id, '${path(1)}' as path, 1 as narSize`, /no table ValidPaths/],
  ["a virtual table", "create virtual table ValidPaths using fts5(id, path, narSize)", /no plain table/],
  [
    "one without row numbers",
    "create table ValidPaths (id integer primary key, path, narSize) without rowid",
    /no plain/,
  ],
  ["a computed column", "create table ValidPaths (id, path as ('x'), narSize integer)", /no plain table/],
  ["one of other columns", "create table ValidPaths (id, name)", /no id, path, narsize/],
  [
    "paths that are none",
    `${nixTables} insert into ValidPaths values (1, '/etc', '', 1, '', 1, 1, '', '')`,
    /calls "\/etc"/,
  ],
  [
    "a path of a megabyte",
    `${nixTables} insert into ValidPaths values (1, hex(zeroblob(500000)), '', 1, '', 1, 1, '', '')`,
    /cut off, or longer/,
  ],
] as const) {
  test(`refused in the place of Nix's tables: ${what}`, async (t) => {
    await t.throwsAsync(
      read(t, (database) => database.exec(sql)),
      { code: "BAD_IMAGE", message },
    );
  });
}
