import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import type { DiffFacts } from "../../src/inspect/diff/facts.ts";
import { overwrite, tool } from "../inspect/images.ts";
import { demoSystem, mkimage, reportOf, runMkimage, testFolder } from "./mkimage.ts";

async function build(t: ExecutionContext, ...flags: readonly string[]): Promise<string> {
  const out = join(testFolder(t), "out");
  const request = ["--partition", "efi", "--additional-space", "16M", "--out", out];
  await mkimage(t, ["build", demoSystem("systemd-boot"), ...request, ...flags]);
  return out;
}

async function diff(before: string, after: string): Promise<{ facts: DiffFacts; exitCode: number | null }> {
  const { stdout, exitCode } = await runMkimage(["diff", before, after, "--json", "--quiet"]);
  return { facts: JSON.parse(stdout) as DiffFacts, exitCode };
}

test.serial("two builds of the same are the same, in whatever format", async (t) => {
  const [raw, qcow2] = [await build(t), await build(t, "--format", "qcow2")];
  const { stdout, exitCode } = await runMkimage(["diff", join(raw, "nixos.img"), join(qcow2, "nixos.qcow2")]);
  t.is(exitCode, 0);
  t.regex(stdout, /^the bytes are the same: /);
});

test.serial("two builds that differ in one file: the file is named, and nothing else is", async (t) => {
  const folder = testFolder(t);
  const outs: string[] = [];
  for (const text of ["one way", "another"]) {
    writeFileSync(join(folder, "motd"), text);
    outs.push(await build(t, "--contents", `source=${join(folder, "motd")},target=/etc/motd`));
  }
  const { facts, exitCode } = await diff(join(outs[0] ?? "", "nixos.img"), join(outs[1] ?? "", "nixos.img"));
  t.is(exitCode, 16);
  t.deepEqual(
    facts.files.map(({ kind, name, what }) => [kind, name, what]),
    [["changed", "/etc/motd, partition 2", ["content"]]],
  );
  t.deepEqual(facts.store.changes, []);
  t.true(
    facts.bytes?.owners.some(({ name }) => name === "/etc/motd, partition 2"),
    JSON.stringify(facts.bytes),
  );
});

test.serial("the first byte that differs belongs to what e2fsprogs and the table say", async (t) => {
  const out = await build(t);
  const image = join(out, "nixos.img");
  const copy = join(testFolder(t), "copy.img");
  const root = (reportOf(out).disks[0]?.table?.partitions ?? []).find(({ number }) => number === 2);
  const at = (root?.first ?? 0) * 512;
  const block = (request: string): number =>
    Number(/^\d+/.exec(tool("debugfs", "-R", request, `${image}?offset=${at}`))?.[0]);
  const inode = /\((\d+)\)|Inode: (\d+)/.exec(
    tool("debugfs", "-R", "stat /nix/var/nix/db/schema", `${image}?offset=${at}`),
  );
  const places: readonly [offset: number, owner: RegExp][] = [
    [3, /^the boot code in the MBR$/],
    [600, /^the header of the GPT$/],
    [8 * 1024 * 1024 + 3, /^the boot sector .*, partition 1$/],
    [at + 1024 + 0x78, /^the superblock, partition 2$/],
    [at + block("bmap /nix/var/nix/db/schema 0") * 4096 + 1, /^\/nix\/var\/nix\/db\/schema, partition 2$/],
    [at + block("bmap /etc 0") * 4096 + 40, /^the folder \/etc, partition 2$/],
    [at + block("bmap <8> 3") * 4096, /^the journal, partition 2$/],
  ];
  t.truthy(inode);
  for (const [offset, owner] of places) {
    copyFileSync(image, copy);
    overwrite(copy, offset, Buffer.from([0x5a]));
    const { facts } = await diff(image, copy);
    t.is(facts.bytes?.first?.offset, offset);
    t.regex(facts.bytes?.first?.before ?? "", owner);
    t.is(facts.bytes?.blocks, 1);
  }
});

test.serial("closures: what one has and the other has not, as Nix says it", async (t) => {
  const [before, after] = [demoSystem("systemd-boot"), demoSystem("grub")];
  const { facts, exitCode } = await diff(before, after);
  t.is(exitCode, 16);
  const requisites = (path: string): Set<string> =>
    new Set(tool("nix-store", "--query", "--requisites", path).trim().split("\n"));
  const [old, now] = [requisites(before), requisites(after)];
  const come = facts.store.changes.filter(({ kind }) => kind !== "removed").map(({ name }) => name);
  t.deepEqual(come.toSorted(), [...now].filter((path) => !old.has(path)).toSorted());
  t.is((await diff(before, before)).facts.same, true);
});

test.serial("an image and a store path are not compared", async (t) => {
  const path = join(testFolder(t), "disk.img");
  tool("truncate", "-s", "1M", path);
  const { exitCode, stderr } = await runMkimage(["diff", path, demoSystem("none")]);
  t.is(exitCode, 2);
  t.regex(stderr, /is a store path, and the other is none/);
});
