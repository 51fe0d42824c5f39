import test from "ava";
import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildRoot } from "../../src/manifest/build-root.ts";
import { readStore } from "../../src/manifest/read-store.ts";
import { queryClosure } from "../../src/system/closure.ts";
import { writeDatabase } from "../../src/system/database.ts";
import { parsePathInfo } from "../../src/system/path-info.ts";
import { writeTree } from "../manifest/write-tree.ts";
import { alphaAndBeta, nixBuild, scratchFolder, useOfflineNix } from "../system/nix.ts";

useOfflineNix();
const scratch = scratchFolder();
test.after.always(() => rmSync(scratch, { recursive: true, force: true }));

const time = { seconds: 1, nanoseconds: 0 };

function command(name: string, ...arguments_: string[]): string {
  return execFileSync(name, arguments_, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

test.serial("Nix itself finds nothing to complain about in a root that we made", async (t) => {
  const toplevel = nixBuild(scratch, alphaAndBeta);
  const closure = await queryClosure([toplevel]);
  const database = writeDatabase(closure.paths, { registrationTime: 1, scratchFolder: scratch });
  const root = buildRoot({ store: readStore(closure), database, toplevel, channel: toplevel, time });
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

test.serial("Nix keeps a root's system and collects what nothing leads to", async (t) => {
  const folder = join(scratch, "root");
  const collected = command("nix-store", "--store", folder, "--gc", "--print-dead");
  t.is(collected.trim(), "");
});

test.serial("SQLite finds the database whole, with exactly the tables and rows that Nix makes", async (t) => {
  const toplevel = nixBuild(scratch, alphaAndBeta);
  const closure = await queryClosure([toplevel]);
  const file = join(scratch, "ours.sqlite");
  writeFileSync(file, writeDatabase(closure.paths, { registrationTime: 1, scratchFolder: scratch }));
  t.is(command("sqlite3", file, "pragma integrity_check; pragma foreign_key_check").trim(), "ok");
  t.is(tablesOf(file), tablesOf("/nix/var/nix/db/db.sqlite"));
});

function tablesOf(file: string): string {
  const names = ["ValidPaths", "Refs", "DerivationOutputs"];
  const queries = names.flatMap((name) => [
    `pragma table_info(${name})`,
    `pragma foreign_key_list(${name})`,
    `pragma index_list(${name})`,
  ]);
  return command(
    "sqlite3",
    "-readonly",
    file,
    queries.join("; "),
    "select type, name, tbl_name from sqlite_master order by name",
  );
}
