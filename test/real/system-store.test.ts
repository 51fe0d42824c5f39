import test from "ava";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildRoot } from "../../src/manifest/build-root.ts";
import { readStore } from "../../src/manifest/read-store.ts";
import { queryClosure, readClosureInfo } from "../../src/nix/closure.ts";
import { writeDatabase } from "../../src/nix/database.ts";
import { parsePathInfo } from "../../src/nix/path-info.ts";
import { writeTree } from "../manifest/write-tree.ts";
import { alphaAndBeta, nixBuild, scratchFolder, useOfflineNix } from "../nix/nix.ts";

useOfflineNix();
const scratch = scratchFolder();
test.after.always(() => rmSync(scratch, { recursive: true, force: true }));

const toplevel = nixBuild(scratch, alphaAndBeta);
const time = { seconds: 1, nanoseconds: 0 };

function command(name: string, ...arguments_: string[]): string {
  return execFileSync(name, arguments_, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

test.serial("Nix itself finds nothing to complain about in a root that we made", async (t) => {
  const closure = await queryClosure([toplevel]);
  const database = writeDatabase(closure.paths, { registrationTime: 1, scratchFolder: scratch });
  const root = buildRoot({ store: await readStore(closure), database, toplevel, channel: toplevel, time });
  const folder = join(scratch, "root");
  writeTree(root, folder);

  t.notThrows(() => command("nix-store", "--store", folder, "--verify", "--check-contents"));
  const copied = parsePathInfo(command("nix", "path-info", "--store", folder, "--json", "--all"));
  t.deepEqual(
    copied.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    closure.paths as typeof copied,
  );
  t.is(
    command("nix-env", "--store", folder, "-p", join(folder, "nix/var/nix/profiles/system"), "--list-generations")
      .trim()
      .split(/\s+/)[0],
    "1",
  );
});

test.serial("what the profiles lead to is kept by Nix, and would be garbage without them", (t) => {
  const folder = join(scratch, "root");
  const profiles = join(folder, "nix/var/nix/profiles");
  const garbage = () =>
    command("nix-store", "--store", folder, "--gc", "--print-dead").trim().split("\n").filter(Boolean);
  t.deepEqual(garbage(), []);
  for (const link of ["system-1-link", "per-user/root/channels-1-link"]) unlinkSync(join(profiles, link));
  t.is(garbage().length, 2);
});

test.serial("one changed byte in a store path is found by Nix", (t) => {
  const file = join(scratch, "root", toplevel, "ref");
  chmodSync(file, 0o644);
  writeFileSync(file, readFileSync(file, "utf8").replace("/nix", "/nox"));
  t.throws(() => command("nix-store", "--store", join(scratch, "root"), "--verify", "--check-contents"));
});

test.serial("SQLite finds the database whole, with the tables and rows that Nix itself makes", async (t) => {
  const closure = await queryClosure([toplevel]);
  const ours = join(scratch, "ours.sqlite");
  writeFileSync(ours, writeDatabase(closure.paths, { registrationTime: 1, scratchFolder: scratch }));
  t.is(query(ours, "pragma integrity_check; pragma foreign_key_check"), "ok");

  const dump = command("nix-store", "--dump-db", ...closure.paths.map(({ path }) => path));
  execFileSync("nix-store", ["--store", join(scratch, "loaded"), "--load-db"], { input: dump });
  const theirs = join(scratch, "loaded/nix/var/nix/db/db.sqlite");
  for (const sql of comparisons) t.is(query(ours, sql), query(theirs, sql), sql);
});

test.serial("a dump of the database and the answer of path-info are the same closure", async (t) => {
  const closure = await queryClosure([toplevel]);
  const folder = join(scratch, "closure-info");
  mkdirSync(folder);
  writeFileSync(
    join(folder, "registration"),
    command("nix-store", "--dump-db", ...closure.paths.map(({ path }) => path)),
  );
  t.deepEqual(readClosureInfo(folder, [toplevel]), closure);
});

const tables = ["ValidPaths", "Refs", "DerivationOutputs"];
const comparisons = [
  "select type, name, tbl_name from sqlite_master order by name",
  ...tables.flatMap((name) => [
    `pragma table_info(${name})`,
    `pragma foreign_key_list(${name})`,
    `pragma index_list(${name})`,
  ]),
  "select path, hash, narSize from ValidPaths order by path",
  "select a.path, b.path from Refs join ValidPaths a on a.id = referrer join ValidPaths b on b.id = reference order by 1, 2",
];

function query(file: string, sql: string): string {
  return command("sqlite3", file, sql).trim();
}
