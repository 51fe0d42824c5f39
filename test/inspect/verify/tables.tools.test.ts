import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { overwrite, tool } from "../images.ts";
import { checked, outcomesOf } from "./checked.ts";
import { changed, diskSize, flip, logicalDisk, rootAt, smallDisk } from "./disks.ts";

// A damaged table is a finding, whatever else says where the partitions are; and they are looked at.

const wide = diskSize - 4096;
const protective = 446;

const folder = mkdtempSync(join(tmpdir(), "mkimage-test-"));
const [gpt, gpt4096, msdos, logical] = ["gpt", "gpt-4096", "msdos", "logical"].map((name) => join(folder, name)) as [
  string,
  string,
  string,
  string,
];

test.before(() => {
  smallDisk(gpt, "gpt", folder);
  smallDisk(gpt4096, "gpt-4096", folder);
  smallDisk(msdos, "msdos", folder);
  logicalDisk(logical, folder);
});

test.after.always(() => rmSync(folder, { recursive: true, force: true }));

interface Damage {
  readonly what: string;
  readonly hurt: (copy: string) => void;
  readonly says: RegExp;
}

const gptDamage: readonly Damage[] = [
  { what: "the primary header's mark", hurt: (copy) => flip(copy, 512), says: /primary table: .*holds no header/ },
  { what: "the primary header", hurt: (copy) => flip(copy, 512 + 41), says: /primary table: header: checksum/ },
  { what: "the primary header's place of the entries", hurt: (copy) => flip(copy, 512 + 79), says: /primary table/ },
  { what: "the primary entries", hurt: (copy) => flip(copy, 1024 + 40), says: /primary table: entries: checksum/ },
  { what: "the whole primary", hurt: (copy) => zero(copy, 512, 512 * 33), says: /primary table: .*holds no header/ },
  { what: "the protective MBR's mark", hurt: (copy) => flip(copy, 510), says: /protective MBR: its mark 55AA/ },
  {
    what: "the protective entry's type",
    hurt: (copy) => flip(copy, protective + 4, 0x83),
    says: /no entry of type EE/,
  },
  { what: "the protective entry's place", hurt: (copy) => flip(copy, protective + 8, 7), says: /begins in sector 7/ },
  { what: "the protective MBR as a whole", hurt: (copy) => zero(copy, 0, 512), says: /protective MBR: its mark/ },
  { what: "the backup header", hurt: (copy) => flip(copy, diskSize - 512), says: /backup table: .*holds no header/ },
  {
    what: "the backup entries",
    hurt: (copy) => flip(copy, diskSize - 33 * 512),
    says: /backup table: entries: checksum/,
  },
  { what: "a backup of another disk", hurt: otherBackup, says: /backup table says something else/ },
  {
    what: "the MBR and the primary",
    hurt: (copy) => zero(copy, 0, 34 * 512),
    says: /partitions are those of the backup/,
  },
];

for (const { what, hurt, says } of gptDamage) {
  test(`a GPT with damage to ${what} fails, and its partitions are looked at`, async (t) => {
    await fails(t, changed(gpt, hurt), says);
  });
}

/** Ends with the exit code 2, where GPT fdisk does not know whose disk it is. */
function sgdiskGivesUp(t: ExecutionContext, image: string): void {
  const { status, stderr } = spawnSync("sgdisk", ["--verify", image], { encoding: "utf8" });
  t.is(status, 2, stderr);
  t.regex(stderr, /Invalid partition data/);
}

const givenUp: readonly Damage[] = [
  {
    what: "whose only entry of the MBR is another one",
    hurt: (copy) => flip(copy, protective + 4, 0x83),
    says: /type EE/,
  },
  {
    what: "without the MBR's mark and the primary header's",
    hurt: (copy) => [510, 512].forEach((at) => flip(copy, at)),
    says: /protective MBR: its mark 55AA[^]*primary table/,
  },
  {
    what: "of a hybrid disk without its primary header",
    hurt: (copy) => {
      tool("sgdisk", "--hybrid=1:EE", copy);
      flip(copy, 512);
    },
    says: /primary table: .*holds no header/,
  },
];

for (const { what, hurt, says } of givenUp) {
  test(`a GPT ${what} fails where sgdisk gives up, and its partitions are looked at`, async (t) => {
    const image = changed(gpt, hurt);
    sgdiskGivesUp(t, image);
    await fails(t, image, says);
  });
}

test("an ext4 is judged by the backup table where the primary is gone", async (t) => {
  const image = changed(gpt, (copy) => {
    flip(copy, 518, 0x58);
    overwrite(copy, rootAt + 60_000, Buffer.alloc(40_000, "Z"));
  });
  const result = await checked(image);
  t.deepEqual([outcomesOf(result)["table"], outcomesOf(result)["partition 2"]], ["failed", "failed"]);
});

test("a GPT of which both copies are gone fails by its protective MBR", async (t) => {
  const image = changed(gpt, (copy) => {
    flip(copy, 512);
    flip(copy, diskSize - 512);
  });
  const result = await checked(image);
  t.is(outcomesOf(result)["table"], "failed");
  t.regex(result.text, /primary table[^]*backup table/);
});

test("a GPT without its end fails, and what is there is looked at", async (t) => {
  const image = changed(gpt, (copy) => truncateSync(copy, diskSize - 512 * 40));
  const result = await checked(image);
  t.deepEqual([outcomesOf(result)["table"], outcomesOf(result)["partition 1"]], ["failed", "ok"]);
});

test("a GPT in sectors of 4096 bytes is read by either copy", async (t) => {
  const sound = await checked(gpt4096);
  t.is(sound.failed + sound.unknown, 0, sound.text);
  t.regex(sound.text, /in sectors of 4096 bytes/);
  await fails(
    t,
    changed(gpt4096, (copy) => flip(copy, 4096)),
    /primary table: .*holds no header/,
  );
  await fails(
    t,
    changed(gpt4096, (copy) => flip(copy, wide)),
    /backup table: .*holds no header/,
  );
});

test("an MBR without its mark fails; one of an extended chain too", async (t) => {
  t.is((await checked(msdos)).failed, 0);
  const unmarked = await checked(changed(msdos, (copy) => flip(copy, 510)));
  t.is(outcomesOf(unmarked)["table"], "failed");
  t.regex(unmarked.text, /entries of an MBR, and not its mark 55AA/);
  const result = await checked(changed(logical, (copy) => flip(copy, 4096 * 512 + 511, 0)));
  t.is(outcomesOf(result)["table"], "failed", result.text);
});

test("an MBR partition behind the disk's end, and two that overlap, fail", async (t) => {
  const behind = await checked(changed(msdos, (copy) => flip(copy, 446 + 16 + 14, 0xff)));
  t.is(outcomesOf(behind)["table"], "failed", behind.text);
  const overlapping = await checked(changed(msdos, (copy) => flip(copy, 446 + 16 + 9, 0x10)));
  t.regex(overlapping.text, /overlap/);
});

test("what is sound is called so: empty records in an extended partition, a hybrid MBR, 256 entries", async (t) => {
  const emptied = changed(logical, (copy) => overwrite(copy, 4096 * 512 + 446, Buffer.alloc(16)));
  t.regex(tool("sfdisk", "--json", emptied), /omitting empty partition/);
  await passes(t, emptied);
  await passes(
    t,
    changed(logical, (copy) => overwrite(copy, 4096 * 512 + 446, Buffer.alloc(64))),
    {
      allowUnknown: true,
    },
  );
  for (const change of ["--hybrid=1:EE", "--resize-table=256"])
    await passes(
      t,
      changed(gpt, (copy) => void tool("sgdisk", change, copy)),
    );
});

test("an MBR on a disk that had a GPT is the table, as for Linux, and the old one is spoken of", async (t) => {
  const image = changed(msdos);
  const bytes = readFileSync(gpt);
  overwrite(image, 512, bytes.subarray(512, 34 * 512));
  overwrite(image, diskSize - 33 * 512, bytes.subarray(diskSize - 33 * 512));
  sgdiskGivesUp(t, image);
  const result = await checked(image);
  t.is(result.failed + result.unknown, 0, result.text);
  t.regex(result.text, /ok table: MBR, 2 partitions.*; a GPT from before is still there/);
});

test("a filesystem on a disk that had a GPT is what is there", async (t) => {
  const image = changed(
    gpt,
    (copy) => void tool("mkfs.ext4", "-q", "-F", "-b", "1024", copy, `${diskSize / 1024 - 64}`),
  );
  const result = await checked(image);
  t.deepEqual([result.failed, outcomesOf(result)["table"], outcomesOf(result)["disk"]], [0, "note", "ok"], result.text);
});

async function fails(t: ExecutionContext, image: string, says: RegExp): Promise<void> {
  const result = await checked(image);
  const { table, "partition 1": one, "partition 2": two } = outcomesOf(result);
  t.deepEqual([table, one, two], ["failed", "ok", "ok"], result.text);
  t.regex(result.text, says);
}

async function passes(t: ExecutionContext, image: string, wishes = {}): Promise<void> {
  const result = await checked(image, wishes);
  t.deepEqual([result.failed, result.unknown, outcomesOf(result)["table"]], [0, 0, "ok"], result.text);
}

function zero(path: string, at: number, length: number): void {
  overwrite(path, at, Buffer.alloc(length));
}

/** As of another disk of the same size, sound in itself. */
function otherBackup(path: string): void {
  const other = `${path}.other`;
  tool("truncate", "-s", String(diskSize), other);
  tool("sgdisk", "-n", "1:2048:0", other);
  overwrite(path, diskSize - 33 * 512, readFileSync(other).subarray(diskSize - 33 * 512));
}
