import test from "ava";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { writeDatabase } from "../../src/nix/database.ts";
import type { StorePath } from "../../src/nix/registration.ts";
import { scratchFolder } from "./nix.ts";

const scratch = scratchFolder();
test.after.always(() => rmSync(scratch, { recursive: true, force: true }));

/** Paths in a chain, each referring to itself, its neighbour and the first. */
function chain(length: number): StorePath[] {
  const name = (index: number) => `/nix/store/${String(index).padStart(32, "0")}-package-${index}`;
  return Array.from({ length }, (_, index) => ({
    path: name(index),
    narHash: index.toString(16).padStart(64, "0"),
    narSize: 1000 + index,
    references: [...new Set([name(0), name(Math.max(0, index - 1)), name(index)])],
  }));
}

const options = { registrationTime: 1_700_000_000, scratchFolder: scratch };

function query(database: Buffer, sql: string): unknown[] {
  const file = join(scratch, "opened.sqlite");
  writeFileSync(file, database);
  const opened = new DatabaseSync(file, { readOnly: true });
  const rows = opened
    .prepare(sql)
    .all()
    .map((row) => ({ ...row }));
  opened.close();
  return rows;
}

test.serial("every path has its hash, size and the given time, and nothing of this machine", (t) => {
  t.deepEqual(query(writeDatabase(chain(2), options), "select * from ValidPaths order by id"), [
    {
      id: 1,
      path: `/nix/store/${"0".repeat(32)}-package-0`,
      hash: `sha256:${"0".repeat(64)}`,
      registrationTime: 1_700_000_000,
      deriver: null,
      narSize: 1000,
      ultimate: null,
      sigs: null,
      ca: null,
    },
    {
      id: 2,
      path: `/nix/store/${"0".repeat(31)}1-package-1`,
      hash: `sha256:${"0".repeat(63)}1`,
      registrationTime: 1_700_000_000,
      deriver: null,
      narSize: 1001,
      ultimate: null,
      sigs: null,
      ca: null,
    },
  ]);
});

test.serial("references are rows by number", (t) => {
  t.deepEqual(
    query(writeDatabase(chain(3), options), "select referrer, reference from Refs order by referrer, reference"),
    [
      { referrer: 1, reference: 1 },
      { referrer: 2, reference: 1 },
      { referrer: 2, reference: 2 },
      { referrer: 3, reference: 1 },
      { referrer: 3, reference: 2 },
      { referrer: 3, reference: 3 },
    ],
  );
});

test.serial("the same paths give the same bytes, in whatever order they come", (t) => {
  const paths = chain(2000);
  t.deepEqual(writeDatabase(paths, options), writeDatabase(paths.toReversed(), options));
});

test.serial("another time gives other bytes", (t) => {
  t.notDeepEqual(writeDatabase(chain(1), options), writeDatabase(chain(1), { ...options, registrationTime: 2 }));
});

test.serial("the header counts one change, and names one version of SQLite whichever wrote it", (t) => {
  const database = writeDatabase(chain(100), options);
  t.deepEqual([database.readUInt32BE(24), database.readUInt32BE(92), database.readUInt32BE(96)], [1, 1, 3_040_001]);
  t.deepEqual(query(database, "pragma journal_mode"), [{ journal_mode: "delete" }]);
  t.deepEqual(query(database, "pragma integrity_check"), [{ integrity_check: "ok" }]);
});

test.serial("no scratch file stays behind", (t) => {
  writeDatabase(chain(1), options);
  t.deepEqual(
    readdirSync(scratch).filter((name) => name.startsWith("nix-database-")),
    [],
  );
});
