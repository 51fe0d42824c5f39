import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import fc from "fast-check";
import type { MkimageError } from "../../src/base/errors.ts";
import { describeDevice } from "../../src/machine/inspect-device.ts";
import { inspectRemote } from "../../src/remote/inspect-remote.ts";
import { readRecords, recordsLimit } from "../../src/remote/records.ts";
import { takeSnapshot } from "../../src/remote/snapshot.ts";
import { localConnection } from "./local-connection.ts";

function folderOf(t: Pick<ExecutionContext, "teardown">): string {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-snapshot-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  return folder;
}

const disk = [
  "K\tblock\t8:0",
  "R\t/\t/",
  "R\t/boot\t/data/boot",
  "W\tdd",
  "T\t/proc/self/mountinfo\t22 1 8:1 / / rw - ext4 /dev/sda1 rw",
  "T\t/proc/self/mountinfo\t23 22 8:17 / /data rw - ext4 /dev/sdb1 rw",
  "T\t/proc/swaps\tFilename Type Size Used Priority",
  "L\t/dev/disk/by-id/ata-Disk\t../../sda",
  ...["sda 8:0", "sdb 8:16"].flatMap((text) => {
    const [name, number] = text.split(" ");
    const part = number?.replace(/\d+$/, (minor) => String(Number(minor) + 1));
    return [
      `T\t/sys/class/block/${name}/dev\t${number}`,
      `T\t/sys/class/block/${name}/size\t4096`,
      `T\t/sys/class/block/${name}/${name}1/partition\t1`,
      `T\t/sys/class/block/${name}1/partition\t1`,
      `T\t/sys/class/block/${name}1/dev\t${part}`,
      `D\t/dev/${name}`,
      `D\t/dev/${name}1`,
    ];
  }),
  "X\t/sys/class/block/sda/device/vpd_pg80\t008000045331323300",
  "E",
  "",
].join("\n");

test("what a machine says is read as this one's own files are", (t) => {
  const folders = takeSnapshot(readRecords(disk), join(folderOf(t), "machine"));
  const device = describeDevice(folders, { path: "/dev/sda", name: "sda", signatures: [], protectedPaths: [] });
  t.is(device.size, 4096 * 512);
  t.is(device.serial, "S123\0");
  t.deepEqual(device.byIdPaths, ["/dev/disk/by-id/ata-Disk"]);
  t.deepEqual(device.users, [{ kind: "mount", device: "sda1", mountPoint: "/" }]);
  t.true(device.holds.some(({ path }) => path === "/"));
  t.false(device.holds.some(({ path }) => path === "/boot"));
});

test("a system folder that is a link is held by the disk that it leads to", (t) => {
  const folders = takeSnapshot(readRecords(disk), join(folderOf(t), "machine"));
  const device = describeDevice(folders, { path: "/dev/sdb", name: "sdb", signatures: [], protectedPaths: [] });
  t.deepEqual(
    device.holds.map(({ path }) => path),
    ["/boot"],
  );
});

const longer = (more: string) => disk.replace("\nE\n", `\n${more}\nE\n`);
const noAnswers = {
  nothing: "",
  "no end": disk.replace("\nE\n", "\n"),
  "no answer": "E\n",
  "a record of 16 MiB": longer(`T\t/sys/long\t${"x".repeat(recordsLimit)}`),
  "more records than a machine has": longer("W\tdd\n".repeat(200_000)),
};
for (const [name, output] of Object.entries(noAnswers)) {
  test(`an answer with ${name} is no answer`, (t) => {
    const error = t.throws<MkimageError>(() => readRecords(output));
    t.is(error?.code, "REMOTE_FAILED");
    t.deepEqual(error?.details, []);
  });
}

test("an answer that does not say what kind of thing it was asked for is no answer", async (t) => {
  const connection = localConnection(t, { onOutput: () => "\nE\n" });
  await t.throwsAsync(inspectRemote(connection, "/dev/sda"), { code: "REMOTE_FAILED" });
});

const hostile = {
  "a file outside": "T\t/sys/../../outside\ttext",
  "a file of the system": "T\t/etc/outside\ttext",
  "a link outside": "L\t/dev/link\t../../outside\nT\t/dev/link/outside\ttext",
  "an absolute link": "L\t/dev/link\t/tmp\nT\t/dev/link/outside\ttext",
  "a system folder outside": "R\t/boot\t/../outside",
  "a name with NUL": "T\t/sys/a\0b\ttext",
  "a name that is too long": `D\t/sys/${"x/".repeat(3000)}x`,
  "a folder that is a file too": "T\t/sys/a\ttext\nT\t/sys/a/b\ttext\nD\t/sys/a",
  "a link to itself": "L\t/dev/a\ta\nT\t/dev/a/b\ttext",
};
for (const [name, records] of Object.entries(hostile)) {
  test(`${name} is not followed`, (t) => {
    const folder = folderOf(t);
    takeSnapshot(readRecords(disk.replace("\nE\n", `\n${records}\nE\n`)), join(folder, "machine"));
    t.deepEqual(readdirSync(folder), ["machine"]);
    t.false(existsSync(join(folder, "outside")));
    t.is(readFileSync(join(folder, "machine/sys/class/block/sda/size"), "utf8"), "4096\n");
  });
}

test("whatever a machine says, nothing is made outside of the folder, and errors are ours", (t) => {
  const path = fc.array(fc.constantFrom("..", ".", "sys", "dev", "proc", "a", "", "b c"), { maxLength: 6 });
  const record = fc.tuple(fc.constantFrom("T", "X", "D", "L", "R"), path, path);
  const property = fc.property(fc.array(record, { maxLength: 12 }), (records) => {
    const folder = mkdtempSync(join(tmpdir(), "mkimage-snapshot-"));
    try {
      const lines = records.map(([kind, one, other]) => [kind, `/${one.join("/")}`, other.join("/")].join("\t"));
      takeSnapshot(readRecords(["K\tnothing\t", ...lines, "E", ""].join("\n")), join(folder, "machine"));
      return readdirSync(folder).every((name) => name === "machine");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
  t.notThrows(() => fc.assert(property, { numRuns: 300 }));
});
