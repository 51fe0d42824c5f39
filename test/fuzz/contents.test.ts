import { spawnSync } from "node:child_process";
import { gzipSync, zstdCompressSync } from "node:zlib";
import test from "ava";
import { archiveOf } from "../bootloaders/growth/system-files.ts";
import { temporaryFolder } from "../image/folder.ts";
import { extImage, fatImage, interrupted, plainTables, storePath, survive, systemTree } from "./hostile-image.ts";

// What is in files of an image: databases, initrds, menus.

const MiB = 1024 * 1024;

test("a database whose references are billions when they are joined", (t) => {
  const folder = temporaryFolder(t);
  const sql = `create table ValidPaths (id integer, path text, narSize integer);
    create table Refs (referrer integer, reference integer);
    with recursive c(x) as (values(1) union all select x + 1 from c where x < 60000)
      insert into ValidPaths select 1, '${storePath}', 1 from c;
    insert into Refs select 1, 1 from ValidPaths;`;
  const image = extImage(folder, systemTree(folder, sql), "32M");
  t.regex(survive(t, folder, "verify", image).stdout, /it has the number 1 twice/);
});

test("a database whose references come to gigabytes as text", (t) => {
  const folder = temporaryFolder(t);
  const name = "x".repeat(170);
  const sql = `${plainTables}
    with recursive c(x) as (values(1) union all select x + 1 from c where x < 1000)
      insert into ValidPaths select x, '/nix/store/' || substr('00000000000000000000000000000000' || x, -32) || '-${name}', 1 from c;
    insert into Refs select a.id, b.id from ValidPaths a, ValidPaths b where b.id < 900;`;
  const image = extImage(folder, systemTree(folder, sql), "64M");
  t.regex(survive(t, folder, "inspect", "--json", image).stdout, /more than \d+ bytes of references/);
});

test("a database in which thousands of paths each need the one before", (t) => {
  const folder = temporaryFolder(t);
  const sql = `${plainTables}
    with recursive c(x) as (values(1) union all select x + 1 from c where x < 15000)
      insert into ValidPaths select x, case x when 1 then '${storePath}' else
        '/nix/store/' || substr('00000000000000000000000000000000' || x, -32) || '-x' end, 1 from c;
    insert into Refs select id, id + 1 from ValidPaths;`;
  const image = extImage(folder, systemTree(folder, sql), "32M");
  t.regex(survive(t, folder, "inspect", "--json", image).stdout, /"…"/);
});

const zeros = Buffer.alloc(16 * MiB);
/** Compressed files follow each other; together they are one. */
const repeated = (packed: Buffer): Buffer[] => Array.from({ length: 64 }, () => packed);
const packedBy = (tool: string, input: Buffer): Buffer => spawnSync(tool, ["-1", "-c"], { input }).stdout;

for (const [name, bomb] of [
  ["gzip", (start: Buffer) => Buffer.concat([gzipSync(start), ...repeated(gzipSync(zeros))])],
  ["zstd", (start: Buffer) => zstdCompressSync(Buffer.concat([start, ...repeated(zeros).slice(0, 12)]))],
  ["xz", (start: Buffer) => Buffer.concat([packedBy("xz", start), ...repeated(packedBy("xz", zeros))])],
  ["bzip2", (start: Buffer) => Buffer.concat([packedBy("bzip2", start), ...repeated(packedBy("bzip2", zeros))])],
] as const) {
  test(`an initrd that unpacks without end, by ${name}`, (t) => {
    const folder = temporaryFolder(t);
    const header = Buffer.from(
      `070701${"00000001000081a4".padEnd(48, "0")}40000000${"0".repeat(32)}0000000200000000a\0`,
    );
    const image = extImage(folder, systemTree(folder, plainTables, bomb(header)), "24M");
    t.regex(survive(t, folder, "inspect", image).stdout, /it unpacks to more than \d+ bytes/);
  });
}

test("an initrd of a file with a negative size, and of one whose size is no number", (t) => {
  for (const size of ["-0000070", "0000zz00"]) {
    const folder = temporaryFolder(t);
    const fields = [
      "00000001",
      "000081a4",
      "00000000",
      "00000000",
      "00000001",
      "00000000",
      size,
      ..."0000".split("").map(() => "00000000"),
    ];
    const header = Buffer.from(`070701${fields.join("")}0000000200000000a\0`);
    const image = extImage(folder, systemTree(folder, plainTables, Buffer.concat([header, header, header])), "16M");
    t.regex(survive(t, folder, "inspect", image).stdout, /an archive in it is damaged/);
  }
});

test("menus that patterns would go through for hours", (t) => {
  const folder = temporaryFolder(t);
  const blanks = `${" \t".repeat(120_000)}x`;
  const image = fatImage(folder, "8M", {
    "loader/loader.conf": `default ${"*a".repeat(30)}b\n${`console-mode ${blanks}`.repeat(2)}\n`,
    [`loader/entries/${"a".repeat(120)}.conf`]: `title x\noptions ${blanks}\n${"initrd /a\n".repeat(30_000)}`,
    "extlinux/extlinux.conf": `label a\n  menu   label ${blanks}\n  append ${blanks}`,
    "grub/grub.cfg": `menuentry "a" {\n linux (hd0,${"1".repeat(200_000)}x)/a "${String.raw`\"`.repeat(200_000)}\n`,
  });
  t.regex(survive(t, folder, "inspect", image).stdout, /loader\/entries/);
});

test("an initrd whose scripts and definitions patterns would go through for hours", (t) => {
  const folder = temporaryFolder(t);
  const files = {
    init: `#!/bin/sh\n${"sfdisk parted ".repeat(40_000)}\n`,
    "bin/sfdisk": "x",
    "bin/parted": "x",
    "bin/systemd-repart": "x",
    "etc/repart.d/a.conf": `${"\n \t".repeat(20_000)}x`,
  };
  const tree = systemTree(folder, plainTables, archiveOf(files));
  t.regex(
    survive(t, folder, "inspect", extImage(folder, tree, "24M")).stdout,
    /no service grows it, nor does the initrd/,
  );
});

test("a menu with more files than anybody looks through, in a folder with as many", (t) => {
  const folder = temporaryFolder(t);
  const entries = Array.from({ length: 4000 }, (_entry, index) => [
    `loader/entries/${index}.conf`,
    [...Array(12).keys()].map((each) => `initrd /loader/entries/none-${each}`).join("\n"),
  ]);
  const image = fatImage(folder, "8M", Object.fromEntries(entries) as Record<string, string>);
  t.regex(survive(t, folder, "verify", image).stdout, /4000 entries: 2000 were looked at/);
});

test("SIGTERM is heard while files are read, and nothing stays behind", async (t) => {
  const folder = temporaryFolder(t);
  const image = fatImage(folder, "8M", { "loader/loader.conf": "default a\n" });
  t.is(await interrupted(folder, "verify", image), 143);
});
