import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { ExecutionContext } from "ava";
import { tool } from "../inspect/images.ts";
import { storeName } from "./corpus.ts";
import { isQuiet } from "./quiet.ts";

const program = join(import.meta.dirname, "../../bin/mkimage");

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the program on an image that somebody made to harm it. It has to end by itself within five seconds of processor
 * time and 500 MB, all that it starts included, with nothing left behind and nothing said that moves a terminal.
 */
export function survive(t: ExecutionContext, folder: string, ...arguments_: readonly string[]): Ended {
  const temporary = join(folder, "temporary");
  mkdirSync(temporary, { recursive: true });
  const times = join(folder, "times");
  const ended = finished(() =>
    execFileSync("/usr/bin/time", ["-o", times, "-f", "%U %S %M", program, ...arguments_], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, TMPDIR: temporary },
      maxBuffer: 2 ** 30,
      timeout: 600_000,
      killSignal: "SIGKILL",
    }),
  );
  const [user = 0, system = 0, memory = 0] =
    readFileSync(times, "utf8").trim().split("\n").at(-1)?.split(" ").map(Number) ?? [];
  t.log(`${arguments_[0]}: ${(user + system).toFixed(1)} s, ${Math.round(memory / 1024)} MiB`);
  t.true(user + system < 5, `it took ${user + system} s`);
  t.true(memory < 500_000, `it took ${memory} KiB`);
  t.true([0, 13, 16].includes(ended.code), `it ended with ${ended.code}: ${ended.stderr.slice(0, 2000)}`);
  t.true(isQuiet(ended.stdout) && isQuiet(ended.stderr));
  t.deepEqual(readdirSync(temporary), []);
  return ended;
}

function finished(run: () => string): Ended {
  try {
    return { code: 0, stdout: run(), stderr: "" };
  } catch (error) {
    const { status, stdout, stderr } = error as { status: number | null; stdout: string; stderr: string };
    return { code: status ?? -1, stdout, stderr };
  }
}

/** Runs the program, ends it when it has begun to read, and says how it ended. */
export function interrupted(folder: string, ...arguments_: readonly string[]): Promise<number | null> {
  const temporary = join(folder, "temporary");
  mkdirSync(temporary, { recursive: true });
  const child = spawn(program, arguments_, { stdio: "ignore", env: { ...process.env, TMPDIR: temporary } });
  const timer = setInterval(() => {
    if (readdirSync(temporary).length > 0) child.kill("SIGTERM");
  }, 20);
  return new Promise((resolve) => {
    child.on("exit", (code) => {
      clearInterval(timer);
      resolve(code);
    });
  });
}

export const storePath = `/nix/store/${storeName}`;

/** An ext4 image of a tree. */
export function extImage(folder: string, tree: string, size: string, ...options: readonly string[]): string {
  const image = join(folder, "ext4.img");
  rmSync(image, { force: true });
  tool("mke2fs", "-q", "-F", "-t", "ext4", "-b", "4096", ...options, "-d", tree, image, size);
  return image;
}

export const plainTables = `
  create table ValidPaths (id integer primary key, path text, narSize integer);
  create table Refs (referrer integer, reference integer);`;

/** A system with a store of one path, whose database is made by some SQL. */
export function systemTree(folder: string, sql: string, initrd?: Uint8Array): string {
  const tree = join(folder, "tree");
  rmSync(tree, { recursive: true, force: true });
  for (const path of [storePath, "/nix/var/nix/db", "/nix/var/nix/profiles"])
    mkdirSync(join(tree, path), { recursive: true });
  writeFileSync(join(tree, storePath, "init"), "#!/bin/sh\n");
  symlinkSync(storePath, join(tree, "nix/var/nix/profiles/system"));
  if (initrd !== undefined) writeFileSync(join(tree, storePath, "initrd"), initrd);
  using database = new DatabaseSync(join(tree, "nix/var/nix/db/db.sqlite"));
  database.exec(sql);
  return tree;
}

/** A FAT image of some files. */
export function fatImage(folder: string, size: string, files: Readonly<Record<string, string | Uint8Array>>): string {
  const [image, tree] = [join(folder, "fat.img"), join(folder, "files")];
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(tree, path, ".."), { recursive: true });
    writeFileSync(join(tree, path), content);
  }
  tool("truncate", "-s", size, image);
  tool("mkfs.vfat", "-s", "1", image);
  tool("mcopy", "-s", "-i", image, ...readdirSync(tree).map((name) => join(tree, name)), "::");
  return image;
}
