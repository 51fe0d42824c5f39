import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { MkimageError } from "../../src/base/errors.ts";
import { MiB } from "../../src/base/units.ts";
import type { DeviceImage } from "../../src/image/image.ts";
import type { DevicePlace } from "../../src/machine/device-place.ts";
import type { Device, ProtectedPath } from "../../src/machine/device.ts";
import { buildToDisk } from "../../src/pipeline/build-to-disk.ts";
import { parseRequest } from "../../src/request/parse.ts";
import { freeDisk } from "../machine/free-disk.ts";
import { fakeHost, type FakeHost, type Guest } from "./fake-host.ts";

/** A place whose only disk is written by nobody: it says what would be. */
interface FakePlace {
  readonly place: DevicePlace;
  readonly written: { readonly image: DeviceImage; readonly lengths: readonly number[] }[];
  readonly guarded: ProtectedPath[];
}

function fakePlace(disk: Partial<Device> = {}, ends?: MkimageError): FakePlace {
  const device: Device = { ...freeDisk, size: 100 * MiB + 512, byIdPaths: ["/dev/sdb"], ...disk };
  const [written, guarded]: [FakePlace["written"], ProtectedPath[]] = [[], []];
  const place: DevicePlace = {
    inspect: (_, paths = []) => (guarded.push(...paths), Promise.resolve(device)),
    write: (_, image) => {
      written.push({ image, lengths: [...image.extents].map(({ length }) => length) });
      const times = { writeSeconds: 1, readSeconds: 1, partitionsSeen: true, backupTable: undefined };
      const report = { imageSize: image.size, bytesWritten: 1, bytesVerified: 1, ...times };
      return ends === undefined ? Promise.resolve(report) : Promise.reject(ends);
    },
  };
  return { place, written, guarded };
}

interface Wishes {
  readonly request?: object;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly said?: string[];
}

function write(
  { place }: FakePlace,
  host: FakeHost,
  { request = {}, yes = true, dryRun = false, said = [] }: Wishes = {},
) {
  const root = join(host.folder, "root");
  mkdirSync(root);
  writeFileSync(join(root, "hello"), "hello");
  const options = { root, partition: "legacy", ...request };
  const style = { width: 80, characters: "ascii", colours: false } as const;
  const target = { place, path: "/dev/sdb", yes, dryRun, style };
  return buildToDisk(parseRequest({}, options), undefined, target, { say: (line) => said.push(line) }, host.context);
}

function isClean(t: ExecutionContext, { folder, open }: FakeHost): void {
  t.deepEqual([...open], []);
  t.deepEqual(readdirSync(folder), ["root"]);
}

test("a system is laid out for the disk's own size in whole MiB, and written without an image file", async (t) => {
  const [host, disk] = [fakeHost(t), fakePlace()];
  const report = await write(disk, host);
  t.is(report?.imageSize, 100 * MiB);
  t.is(disk.written.length, 1);
  t.true((disk.written[0]?.lengths.length ?? 0) > 1);
  t.deepEqual(host.ran, [], "the host lays ext4 out itself");
  t.deepEqual(
    disk.guarded.map(({ path }) => path),
    ["/nix/store", join(host.folder, "root")],
    "neither is on the disk",
  );
  isClean(t, host);
});

test("a disk with sectors of 4096 bytes gets a layout of these", async (t) => {
  const [host, disk] = [fakeHost(t), fakePlace({ sectorSize: 4096 })];
  const said: string[] = [];
  await write(disk, host, { dryRun: true, said });
  t.regex(said.join("\n"), /sectors of 4096 bytes/);
  t.regex(said.join("\n"), /would be laid out anew:/);
  t.deepEqual(disk.written, [], "a dry run writes nothing");
  isClean(t, host);
});

test("a filesystem that only a kernel writes is filled by a guest, and its disk is what is written", async (t) => {
  const guest: Guest = () => ({ "files/free.0": `${50 * MiB}` });
  const [host, disk] = [fakeHost(t, { guest }), fakePlace({ size: 1024 * MiB })];
  const report = await write(disk, host, { request: { fsType: "xfs" } });
  t.is(host.ran.length, 1);
  t.is(report?.imageSize, 1024 * MiB);
  isClean(t, host);
});

test("without consent nothing is made or written", async (t) => {
  const [host, disk] = [fakeHost(t), fakePlace()];
  await t.throwsAsync(write(disk, host, { yes: false }), { code: "REFUSED_DEVICE" });
  t.deepEqual(disk.written, []);
  isClean(t, host);
});

test("a disk that is in use is refused before the system is looked at", async (t) => {
  const users = [{ kind: "swap", device: "sdb" }] as const;
  const [host, disk] = [fakeHost(t), fakePlace({ users })];
  await t.throwsAsync(write(disk, host), { code: "REFUSED_DEVICE" });
  t.deepEqual(host.titles, []);
  isClean(t, host);
});

test("a disk that is too small for the system is refused, and nothing is left", async (t) => {
  const [host, disk] = [fakeHost(t), fakePlace({ size: MiB })];
  await t.throwsAsync(write(disk, host), { instanceOf: MkimageError });
  t.deepEqual(disk.written, []);
  isClean(t, host);
});

test("after writing that fails nothing is left", async (t) => {
  const [host, disk] = [fakeHost(t), fakePlace({}, new MkimageError("DEVICE_FAILED", "as the test says"))];
  await t.throwsAsync(write(disk, host), { code: "DEVICE_FAILED" });
  isClean(t, host);
});

const outputs: readonly (readonly [option: string, request: object])[] = [
  ["--format", { format: "qcow2" }],
  ["--post-vm", { postVm: "true" }],
  ["--size", { size: "1G" }],
];

for (const [option, request] of outputs) {
  test(`${option} is for image files, and refused`, async (t) => {
    const [host, disk] = [fakeHost(t), fakePlace()];
    await t.throwsAsync(write(disk, host, { request }), { message: new RegExp(`drop ${option}$`) });
    t.deepEqual(disk.guarded, [], "the disk was not even looked at");
  });
}
