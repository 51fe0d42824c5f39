import { execFileSync, spawnSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { renderScript } from "../../src/devices/steps/script.ts";
import { lookAtImages } from "../../src/inspect/found/look-at-images.ts";
import { type Reporter, silentTask } from "../../src/runtime/reporter.ts";
import { step } from "../../src/steps/step.ts";
import { judge, temporaryFolder } from "./loop-device.ts";
import { isLong } from "../together/is-long.ts";

// How a partition table is changed in place: what is not meant stays, to the last attribute. Judged by sgdisk and sfdisk.

const gpt = `label: gpt
label-id: 11111111-2222-3333-4444-555555555555
table-length: 128
1 : start=2048, size=20480, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B, uuid=AAAAAAAA-0000-0000-0000-000000000001, name="a \\x22name\\x22, size=7", attrs="RequiredPartition GUID:63"
3 : start=22528, size=20480, type=0FC63DAF-8483-4772-8E79-3D69D8477DE4, uuid=AAAAAAAA-0000-0000-0000-000000000003, name="r\\xc3\\xb6\\xc3\\xb6t"
`;

const dos = `label: dos
label-id: 0x12345678
1 : start=2048, size=20480, type=83
2 : start=22528, size=40960, type=5
5 : start=24576, size=20480, type=82
`;

const gptPlaces = ["1:start=2048+20480", "3:start=22528+20480"];
const dosPlaces = ["1:start=2048+20480", "2:start=22528+40960", "5:start=24576+20480"];

/** A disk of 64 MiB that had 32 MiB when its table was written. */
function disk(t: ExecutionContext, script: string): string {
  const path = join(temporaryFolder(t), "disk");
  writeFileSync(path, "");
  truncateSync(path, 32 * 2 ** 20);
  execFileSync("sfdisk", ["--quiet", path], { input: script });
  truncateSync(path, 64 * 2 ** 20);
  return path;
}

const kept: string[] = [];
test.after.always(() => kept.forEach((file) => rmSync(file, { force: true })));

/** Runs the change; its exit code and what it says. */
function change(path: string, ...edits: readonly string[]) {
  const script = renderScript([step("disk", "change", [], ["change_table", path, ...edits])]);
  const { status, stderr } = spawnSync("bash", ["-c", script], { encoding: "utf8" });
  const saved = /kept in (\S+);/.exec(stderr)?.[1];
  if (saved !== undefined) kept.push(saved);
  return { status, stderr, saved };
}

interface Entry {
  readonly node: string;
  readonly start: number;
  readonly size: number;
  readonly type: string;
  readonly uuid?: string;
  readonly name?: string;
  readonly attrs?: string;
  readonly bootable?: boolean;
}

function table(path: string) {
  const json = JSON.parse(judge("sfdisk", "--json", path)) as {
    partitiontable: { id: string; lastlba?: number; partitions: Entry[] };
  };
  return json.partitiontable;
}

test("the old table is kept in a file of its own: neither a link that somebody put there is followed, nor a file written over", (t) => {
  // Its own name, whatever an earlier run has left there.
  const made = disk(t, gpt);
  const path = `${made}-${basename(dirname(made))}`;
  renameSync(made, path);
  const first = change(path, ...gptPlaces, '1:name="one"');
  const name = first.saved?.replace(/-\d+$/, "") as string;
  rmSync(first.saved as string);
  const victim = join(temporaryFolder(t), "victim");
  symlinkSync(victim, `${name}-1`);
  t.teardown(() => unlinkSync(`${name}-1`));
  writeFileSync(`${name}-2`, "somebody's");
  kept.push(`${name}-2`);
  const { status, saved } = change(path, ...gptPlaces, '1:name="two"');
  t.is(status, 0);
  t.is(saved, `${name}-3`);
  t.false(existsSync(victim));
  t.is(readFileSync(`${name}-2`, "utf8"), "somebody's");
});

test("gpt: sizes and names change, partitions come and go, and all else stays, up to the new end of the disk", (t) => {
  const path = disk(t, gpt);
  const before = table(path);
  const { status, stderr, saved } = change(
    path,
    "1:start=2048+20480",
    "3:start=22528+20480",
    "3:size=61440",
    '3:name="new \\x22 name"',
    '2:add=start=83968, size=20480, type=0657FD6D-A4AB-43C4-84E5-0933C84B4F4F, name="swap"',
  );
  t.is(status, 0, stderr);
  const after = table(path);
  t.is(after.id, before.id);
  t.deepEqual(after.partitions[0], before.partitions[0]);
  t.like(after.partitions[1], { start: 83968, size: 20480, name: "swap" });
  t.deepEqual(after.partitions[2], { ...before.partitions[1], size: 61440, name: 'new " name' } as Entry);
  t.is(after.lastlba, 64 * 2048 - 34);
  t.regex(judge("sgdisk", "--verify", path), /No problems found/);

  const places = ["1:start=2048+20480", "2:start=83968+20480", "3:start=22528+61440"];
  t.is(change(path, ...places, "1:delete", "2:delete", '3:attrs="LegacyBIOSBootable"').status, 0);
  t.deepEqual(
    table(path).partitions.map(({ attrs, start }) => [attrs, start]),
    [["LegacyBIOSBootable", 22528]],
  );

  judge("bash", "-c", 'sfdisk --quiet --no-reread --force "$0" <"$1"', path, saved ?? "");
  t.deepEqual(table(path).partitions, before.partitions, "the kept file puts the old table back");
});

test("gpt: the signature of the disk and the flag of the protective entry stay", (t) => {
  const path = disk(t, gpt);
  const beside = Buffer.from([0x11, 0x5c, 0x00, 0x44, 0x25, 0x60, 0x80]);
  const file = openSync(path, "r+");
  writeSync(file, beside, 0, beside.length, 440);
  closeSync(file);
  t.is(change(path, ...gptPlaces, '1:name="x"').status, 0);
  t.deepEqual(readFileSync(path).subarray(440, 447), beside);
  t.regex(judge("sgdisk", "--verify", path), /No problems found/);
});

/** A folder of programs which have the script that runs them killed after the call of this number. */
function killingPrograms(t: ExecutionContext, at: number): string {
  const folder = temporaryFolder(t);
  for (const name of ["cmp", "dd", "sfdisk"]) {
    const lines = [
      "#!/bin/sh",
      `"${judge("which", name)}" "$@"`,
      "code=$?",
      `echo >>${folder}/calls`,
      `[ "$(wc -l <${folder}/calls)" != ${at} ] || kill -KILL $PPID`,
      "exit $code",
    ];
    writeFileSync(join(folder, name), lines.join("\n"), { mode: 0o755 });
  }
  return folder;
}

test("gpt: killed after any of its programs, the table is the old one or the new one, with flag and signature, and the same command goes on", (t) => {
  const beside = Buffer.from([0x11, 0x5c, 0x00, 0x44, 0x25, 0x60, 0x80]);
  const real = process.env["PATH"] as string;
  t.teardown(() => (process.env["PATH"] = real));
  const seen = new Set<string>();
  for (const at of isLong ? Array.from({ length: 10 }, (_, index) => index + 1) : [8, 9]) {
    const path = disk(t, gpt);
    const file = openSync(path, "r+");
    writeSync(file, beside, 0, beside.length, 440);
    closeSync(file);
    const old = table(path).partitions;
    process.env["PATH"] = `${killingPrograms(t, at)}:${real}`;
    t.not(change(path, ...gptPlaces, '1:name="x"').status, 0, "it is killed");
    process.env["PATH"] = real;
    const { partitions } = table(path);
    t.deepEqual(partitions.slice(1), old.slice(1));
    seen.add(partitions[0]?.name ?? "");
    t.deepEqual(readFileSync(path).subarray(440, 447), beside, `killed after call ${at}`);
    t.is(change(path, ...gptPlaces, '1:name="x"').status, 0);
    t.regex(judge("sgdisk", "--verify", path), /No problems found/);
    t.deepEqual(readFileSync(path).subarray(440, 447), beside);
  }
  t.deepEqual([...seen], ['a "name", size=7', "x"]);
});

const reporter: Reporter = { task: (_, work) => work(silentTask), note: () => {} };

async function unusualIn(path: string): Promise<string> {
  const { devices } = await lookAtImages([path], { reporter, signal: AbortSignal.any([]) });
  return [...devices.values()].flatMap(({ unusual = [] }) => unusual).join();
}

test("gpt: entries behind a boot loader are what a change would not keep", async (t) => {
  const path = disk(t, "label: gpt\n1 : start=4096, size=2048\n");
  judge("sgdisk", "--move-main-table=2048", path);
  t.regex(await unusualIn(path), /its entries are in sector 2048, not 2/);
});

test("gpt: so is an end before that of the disk, unless the disk has grown", async (t) => {
  const path = disk(t, "label: gpt\nlast-lba: 40000\n1 : start=4096, size=2048\n");
  t.is(await unusualIn(path), "");
  truncateSync(path, 32 * 2 ** 20);
  t.regex(await unusualIn(path), /it ends with sector 40000, and leaves/);
});

test("msdos: logical partitions stay where they are", (t) => {
  const path = disk(t, dos);
  const before = table(path);
  t.is(change(path, ...dosPlaces, "1:active", "1:type=8e", "3:add=start=65536, size=2048, type=83").status, 0);
  const after = table(path);
  t.is(after.id, before.id);
  t.like(after.partitions[0], { start: 2048, size: 20480, type: "8e", bootable: true });
  t.deepEqual(
    after.partitions.slice(1).filter(({ node }) => !node.endsWith("3")),
    before.partitions.slice(1),
  );
});

/** A record of the chain, its logical partition, and that one's length, in sectors. */
type Logical = readonly [record: number, first: number, length: number];

const extended = { first: 8192, length: 40000 };

/** A disk of 32 MiB with other bytes than zeros in every sector, and a chain of logical partitions as other programs lay it out. */
function chained(t: ExecutionContext, logicals: readonly Logical[]): string {
  const bytes = Buffer.alloc(32 * 2 ** 20, 0x33);
  const write = (sector: number, entries: readonly (readonly [type: number, first: number, length: number])[]) => {
    const at = sector * 512;
    bytes.fill(0, at + 440, at + 510).writeUInt16BE(0x55aa, at + 510);
    for (const [index, [type, first, length]] of entries.entries()) {
      bytes.writeUInt8(type, at + 446 + 16 * index + 4);
      bytes.writeUInt32LE(first, at + 446 + 16 * index + 8);
      bytes.writeUInt32LE(length, at + 446 + 16 * index + 12);
    }
  };
  write(0, [
    [0x83, 2048, 2048],
    [0x05, extended.first, extended.length],
  ]);
  for (const [index, [record, first, length]] of logicals.entries()) {
    const next = logicals[index + 1];
    const link = next === undefined ? [] : [[0x05, next[0] - extended.first, next[1] + next[2] - next[0]] as const];
    write(record, [[0x83, first - record, length], ...link]);
  }
  const path = join(temporaryFolder(t), "chained");
  writeFileSync(path, bytes);
  return path;
}

const chains: readonly (readonly [what: string, isTaken: boolean, logicals: readonly Logical[]])[] = [
  [
    "a MiB before each",
    true,
    [
      [8192, 10240, 4096],
      [14336, 16384, 4096],
    ],
  ],
  [
    "63 sectors before each",
    true,
    [
      [8192, 8255, 4096],
      [12351, 12414, 4096],
    ],
  ],
  [
    "a sector before each",
    true,
    [
      [8192, 8193, 4096],
      [12289, 12290, 4096],
    ],
  ],
  [
    "a record far in front",
    true,
    [
      [8192, 10240, 4096],
      [20000, 30000, 4096],
    ],
  ],
  [
    "logical partitions in the other order",
    true,
    [
      [8192, 20000, 4096],
      [10000, 12288, 4096],
    ],
  ],
  [
    "no room between two",
    false,
    [
      [8192, 10240, 4096],
      [9000, 14336, 4096],
    ],
  ],
];

for (const [what, isTaken, logicals] of chains) {
  test(`msdos, ${what}: no record of the chain is ever written over what a partition holds`, (t) => {
    const path = chained(t, logicals);
    const before = readFileSync(path);
    const places = table(path).partitions.map(
      ({ node, start, size }) => `${/\d+$/.exec(node)?.[0]}:start=${start}+${size}`,
    );
    t.is(places.length, 4);
    const { status, stderr } = change(path, ...places, "1:active", "3:add=start=60000, size=2048, type=83");
    t.is(status, isTaken ? 0 : 1, stderr);
    const after = readFileSync(path);
    if (!isTaken) return t.true(after.equals(before));
    t.is(table(path).partitions.length, 5);
    for (const [first, length] of [[2048, 2048], ...logicals.map(([, ...own]) => own)] as const)
      t.true(
        after
          .subarray(first * 512, (first + length) * 512)
          .equals(before.subarray(first * 512, (first + length) * 512)),
      );
    return undefined;
  });
}

test("a partition may come in place of one that goes, with its number", (t) => {
  const path = disk(t, dos);
  t.is(change(path, ...dosPlaces, "1:delete", "1:add=start=4096, size=2048, type=83").status, 0);
  t.like(table(path).partitions[0], { start: 4096, size: 2048, type: "83" });
});

for (const [what, ...edits] of [
  ["begins elsewhere", "1:start=2048+20480", "3:start=22529+20480"],
  ["has grown meanwhile", "1:start=2048+20480", "3:start=22528+20479"],
  ["is not there", ...gptPlaces, "2:start=2048+20480"],
  ["was not there before", "1:start=2048+20480"],
  ["is there already", ...gptPlaces, "3:add=start=65536, size=2048"],
  ["would overlap another", ...gptPlaces, "1:size=30000"],
  ["would end behind the disk", ...gptPlaces, "3:size=200000"],
] as const) {
  test(`a table with a partition that ${what} is not written`, (t) => {
    const path = disk(t, gpt);
    const before = judge("sha256sum", path);
    const { status, stderr } = change(path, ...edits, '1:name="x"');
    t.is(status, 1);
    t.regex(stderr, /nothing was changed/);
    t.is(judge("sha256sum", path), before);
  });
}
