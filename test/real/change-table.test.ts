import { execFileSync, spawnSync } from "node:child_process";
import { rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { renderScript } from "../../src/devices/steps/script.ts";
import { step } from "../../src/steps/step.ts";
import { judge, temporaryFolder } from "./loop-device.ts";

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
