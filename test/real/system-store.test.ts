import test from "ava";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildRoot } from "../../src/manifest/build-root.ts";
import { readStore } from "../../src/manifest/read-store.ts";
import { queryClosure } from "../../src/nix/closure.ts";
import { writeDatabase } from "../../src/nix/database.ts";
import { parseRegistration } from "../../src/nix/registration.ts";
import { writeTree } from "../manifest/write-tree.ts";
import { alphaAndBeta, nixBuild, scratchFolder, useOfflineNix } from "../nix/nix.ts";
import { type NixVersion, withEachNix } from "../nix/nixes.ts";

const testWithEachNix = withEachNix(test);

useOfflineNix();
const scratch = scratchFolder();
test.after.always(() => rmSync(scratch, { recursive: true, force: true }));

const toplevel = nixBuild(scratch, alphaAndBeta);
const time = { seconds: 1, nanoseconds: 0 };

/** The root that the first test makes for a Nix. */
function rootFor({ name }: NixVersion): string {
  return join(scratch, `root-${name}`);
}

function command(name: string, ...arguments_: string[]): string {
  return execFileSync(name, arguments_, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

testWithEachNix("Nix itself finds nothing to complain about in a root that we made", async (t, nix) => {
  const closure = await queryClosure([toplevel]);
  const database = writeDatabase(closure.paths, { registrationTime: 1, scratchFolder: scratch });
  const root = buildRoot({ store: await readStore(closure), database, toplevel, channel: toplevel, time });
  const folder = rootFor(nix);
  writeTree(root, folder);

  t.notThrows(() => command("nix-store", "--store", folder, "--verify", "--check-contents"));
  const dump = command("nix-store", "--store", folder, "--dump-db");
  const registered = parseRegistration(dump, "dump").toSorted((one, other) => (one.path < other.path ? -1 : 1));
  t.deepEqual(registered, [...closure.paths]);
  t.is(
    command("nix-env", "--store", folder, "-p", join(folder, "nix/var/nix/profiles/system"), "--list-generations")
      .trim()
      .split(/\s+/)[0],
    "1",
  );
});

testWithEachNix("what the profiles lead to is kept by Nix, and would be garbage without them", (t, nix) => {
  const folder = rootFor(nix);
  const profiles = join(folder, "nix/var/nix/profiles");
  const garbage = () =>
    command("nix-store", "--store", folder, "--gc", "--print-dead").trim().split("\n").filter(Boolean);
  t.deepEqual(garbage(), []);
  for (const link of ["system-1-link", "per-user/root/channels-1-link"]) unlinkSync(join(profiles, link));
  t.is(garbage().length, 2);
});

testWithEachNix("one changed byte in a store path is found by Nix", (t, nix) => {
  const file = join(rootFor(nix), toplevel, "ref");
  chmodSync(file, 0o644);
  writeFileSync(file, readFileSync(file, "utf8").replace("/nix", "/nox"));
  t.throws(() => command("nix-store", "--store", rootFor(nix), "--verify", "--check-contents"));
});

testWithEachNix("SQLite finds the database whole, with the tables and rows that Nix itself makes", async (t, nix) => {
  const closure = await queryClosure([toplevel]);
  const ours = join(scratch, `ours-${nix.name}.sqlite`);
  writeFileSync(ours, writeDatabase(closure.paths, { registrationTime: 1, scratchFolder: scratch }));
  t.is(query(ours, "pragma integrity_check; pragma foreign_key_check"), "ok");

  const loaded = join(scratch, `loaded-${nix.name}`);
  const dump = command("nix-store", "--dump-db", ...closure.paths.map(({ path }) => path));
  execFileSync("nix-store", ["--store", loaded, "--load-db"], { input: dump });
  const theirs = join(loaded, "nix/var/nix/db/db.sqlite");
  for (const sql of comparisons) t.is(query(ours, sql), query(theirs, sql), sql);
});

/** A `nix-store` before this one in PATH, which takes no more arguments than Linux where a stack is small, for this test. */
function takingFewArguments(): void {
  const folder = mkdtempSync(join(scratch, "few-"));
  const own = command("sh", "-c", "command -v nix-store").trim();
  const few = `#!/bin/sh\n[ "$(printf '%s ' "$@" | wc -c)" -le 131072 ] || { echo 'error: too many arguments' >&2; exit 1; }\n`;
  writeFileSync(join(folder, "nix-store"), `${few}exec ${own} "$@"\n`, { mode: 0o755 });
  process.env["PATH"] = `${folder}:${process.env["PATH"]}`;
}

testWithEachNix(
  "thousands of paths, in another store than this machine's, are a closure all the same",
  async (t, nix) => {
    const store = join(scratch, `many-${nix.name}`);
    const pathOf = (index: number) =>
      `/nix/store/${String(index).padStart(32, "0")}-${"long-name-".repeat(10)}${index}`;
    const count = 2000;
    // Each refers to the next two. Files are not asked for.
    const entries = Array.from({ length: count }, (_, index) => {
      const references = [index + 1, index + 2].filter((next) => next < count).map(pathOf);
      return [pathOf(index), "0".repeat(64), 120, "", references.length, ...references].join("\n");
    });
    execFileSync("nix-store", ["--store", store, "--load-db"], { input: `${entries.join("\n")}\n` });
    takingFewArguments();
    const { paths } = await queryClosure([pathOf(0)], { nixArguments: ["--option", "store", `local?root=${store}`] });
    t.deepEqual(
      paths.map(({ path }) => path),
      Array.from({ length: count }, (_, index) => pathOf(index)),
    );
    t.deepEqual(paths[0]?.references, [pathOf(1), pathOf(2)]);
  },
);

const tables = ["ValidPaths", "Refs", "DerivationOutputs"];
const comparisons = [
  // Nix adds this one to a database that lacks it, from 2.9 on for those who switched on content-addressed derivations, later always.
  "select type, name, tbl_name from sqlite_master where tbl_name != 'SchemaMigrations' order by name",
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
