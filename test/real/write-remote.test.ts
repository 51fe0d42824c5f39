import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import type { MkimageError } from "../../src/base/errors.ts";
import { MiB } from "../../src/base/units.ts";
import { bytesExtent, fileExtent } from "../../src/image/extent.ts";
import { byteString } from "../../src/base/byte-string.ts";
import { writeImage } from "../../src/machine/write-image.ts";
import { remotePlace } from "../../src/remote/remote-place.ts";
import { fewApplets, localConnection } from "../remote/local-connection.ts";
import { imageSize, makeImage } from "./disk-image.ts";
import { silentDialogue, silentReporter } from "./disk-dialogue.ts";
import { ask, judge, loopDevice, temporaryFolder } from "./loop-device.ts";

const reporter = silentReporter;

const machines = {
  "with all programs": {},
  "of busybox and wipefs": { applets: fewApplets },
  "with gzip, cmp and blkdiscard of busybox too": {
    applets: [...fewApplets, "gzip", "cmp", "blkdiscard", "blockdev"],
  },
};

for (const [name, options] of Object.entries(machines)) {
  for (const sectorSize of [512, 4096]) {
    test.serial(`a machine ${name} gets the image byte for byte, on sectors of ${sectorSize} bytes`, async (t) => {
      const image = makeImage(t, sectorSize);
      const size = 80 * MiB;
      const device = loopDevice(t, { size, sectorSize, filled: 0xa5 });
      const place = remotePlace(localConnection(t, options));
      const request = { image, path: device.path, yes: true, expectSize: size };
      const report = await writeImage(request, silentDialogue, { reporter, place });
      judge("cmp", "--ignore-initial", String(MiB), "--bytes", String(imageSize - 2 * MiB), image, device.path);
      t.regex(ask("sgdisk", "--verify", device.path).output, /No problems found/);
      // The kernel of a machine without partx does not look at a loop device.
      t.is(report?.partitionsSeen, name === "with all programs");
      ask("partx", "--update", device.path);
      judge("e2fsck", "-fn", `${device.path}p2`);
      t.is(report?.backupTable, size - 16384 - sectorSize);
    });
  }
}

test.serial("a disk that does not hold what it was given has no table afterwards", async (t) => {
  const image = makeImage(t, 512);
  const device = loopDevice(t, { size: imageSize, filled: 0xa5 });
  const onOutput = (output: string, script: string) =>
    script.includes("are_zeros") ? output.replace(/^\d+(?= \d+$)/m, "0") : output;
  const place = remotePlace(localConnection(t, { onOutput }));
  const request = { image, path: device.path, yes: true, expectSize: imageSize };
  const error = await t.throwsAsync<MkimageError>(writeImage(request, silentDialogue, { reporter, place }));
  t.is(error?.code, "MISMATCH");
  t.is(judge("wipefs", "--no-act", device.path), "");
});

test.serial("a source that changes ends the writing with its own error, and leaves no table", async (t) => {
  const device = loopDevice(t, { size: 8 * MiB, filled: 0xa5 });
  const place = remotePlace(localConnection(t));
  const lost = fileExtent(4 * MiB, MiB, byteString("/proc/self/no-such-file"));
  const image = { size: 8 * MiB, extents: [bytesExtent(0, Buffer.alloc(MiB, 1)), lost] };
  const found = await place.inspect(device.path);
  const error = await t.throwsAsync<MkimageError>(place.write(found, image, { reporter }));
  t.is(error?.code, "SOURCE_CHANGED");
  t.true(
    readFileSync(device.file)
      .subarray(0, MiB)
      .every((byte) => byte === 0),
  );
});

test.serial("a disk that others use by now is not touched", async (t) => {
  const device = loopDevice(t, { size: 16 * MiB, filled: 0xa5 });
  judge("mkfs.ext4", "-q", device.path);
  const place = remotePlace(localConnection(t));
  const found = await place.inspect(device.path);
  t.deepEqual(
    found.signatures.map(({ type }) => type),
    ["ext4"],
  );
  const before = readFileSync(device.file);
  const busy = { ...found, users: [{ kind: "swap", device: found.name } as const] };
  const error = await t.throwsAsync<MkimageError>(place.write(busy, { size: MiB, extents: [] }, { reporter }));
  t.is(error?.code, "REFUSED_DEVICE");
  t.is(Buffer.compare(before, readFileSync(device.file)), 0);
});

test.serial("a disk that a container has mounted is not touched", async (t) => {
  const device = loopDevice(t, { size: 16 * MiB });
  judge("mkfs.ext4", "-q", device.path);
  const folder = temporaryFolder(t);
  const container = spawn("unshare", [
    "--mount",
    "sh",
    "-c",
    'mount -o ro "$1" "$2" && echo mounted && exec cat',
    "sh",
    device.path,
    folder,
  ]);
  t.teardown(() => container.kill("SIGKILL"));
  await once(container.stdout, "data");
  const before = readFileSync(device.file);
  const place = remotePlace(localConnection(t));
  const found = await place.inspect(device.path);
  const error = await t.throwsAsync<MkimageError>(place.write(found, { size: MiB, extents: [] }, { reporter }));
  t.is(error?.code, "REFUSED_DEVICE");
  t.regex(error?.message ?? "", /cannot be opened for this program alone/);
  t.is(Buffer.compare(before, readFileSync(device.file)), 0);
  container.stdin.end();
  await once(container, "close");
});

test.serial(
  "a disk that takes over the name between two scripts is not touched, and no file is made in its place",
  async (t) => {
    const folder = temporaryFolder(t);
    const [first, other] = [loopDevice(t, { size: 8 * MiB }), loopDevice(t, { size: 8 * MiB, filled: 0xa5 })];
    const path = join(folder, "disk");
    copyNode(first.path, path);
    for (const [name, swap, message] of [
      ["another", () => copyNode(other.path, path), /is another device than the one that was checked/],
      ["nothing", () => rmSync(path), /is gone/],
    ] as const) {
      copyNode(first.path, path);
      let scripts = 0;
      const onScript = (): void => {
        scripts += 1;
        if (scripts === 5) swap();
      };
      const place = remotePlace(localConnection(t, { onScript }));
      const found = await place.inspect(path);
      const image = { size: 8 * MiB, extents: [bytesExtent(0, Buffer.alloc(4 * MiB, 7))] };
      const error = await t.throwsAsync<MkimageError>(place.write(found, image, { reporter }), undefined, name);
      t.regex([error?.message, ...(error?.details ?? [])].join("\n"), message);
      t.true(readFileSync(other.file).every((byte) => byte === 0xa5));
    }
    t.false(existsSync(path));
  },
);

test.serial(
  "a disk that is plugged in where the checked one was, and gets its name and number, is not touched",
  async (t) => {
    const [device, other] = [loopDevice(t, { size: 8 * MiB }), join(temporaryFolder(t), "other")];
    writeFileSync(other, Buffer.alloc(8 * MiB, 0xa5));
    let scripts = 0;
    const onScript = (): void => {
      scripts += 1;
      if (scripts !== 5) return;
      judge("losetup", "--detach", device.path);
      judge("losetup", device.path, other);
    };
    const place = remotePlace(localConnection(t, { onScript }));
    const found = await place.inspect(device.path);
    const image = { size: 8 * MiB, extents: [bytesExtent(0, Buffer.alloc(4 * MiB, 7))] };
    const error = await t.throwsAsync<MkimageError>(place.write(found, image, { reporter }));
    t.regex([error?.message, ...(error?.details ?? [])].join("\n"), /is another disk than the one that was checked/);
    t.true(readFileSync(other).every((byte) => byte === 0xa5));
  },
);

test.serial("a flock that cannot wait, as busybox's, is asked again", async (t) => {
  const device = loopDevice(t, { size: 4 * MiB });
  const flock = '[ "$*" = "-n 8" ] || { echo usage >&2; exit 1; }\n[ -e "$0.asked" ] && exit 0\n: >"$0.asked"; exit 1';
  const place = remotePlace(localConnection(t, { programs: { flock } }));
  const found = await place.inspect(device.path);
  await place.write(found, { size: 2 * MiB, extents: [bytesExtent(0, Buffer.alloc(2 * MiB, 7))] }, { reporter });
  t.true(
    readFileSync(device.file)
      .subarray(0, 2 * MiB)
      .every((byte) => byte === 7),
  );
});

test.serial("a disk that could not take what it was given is told by its fsync", async (t) => {
  const device = loopDevice(t, { size: 4 * MiB });
  const dd = 'case "$*" in *fsync*) echo "fsync failed: Input/output error" >&2; exit 1 ;; esac\nexec /usr/bin/dd "$@"';
  const place = remotePlace(localConnection(t, { programs: { dd } }));
  const found = await place.inspect(device.path);
  const error = await t.throwsAsync<MkimageError>(place.write(found, { size: MiB, extents: [] }, { reporter }));
  t.regex(error?.details.join("\n") ?? "", /fsync failed/);
});

test.serial("a partition that is written to stays there", async (t) => {
  const device = loopDevice(t, { size: 32 * MiB });
  judge("sgdisk", "--new=1:0:0", device.path);
  ask("partx", "--update", device.path);
  const path = `${device.path}p1`;
  const place = remotePlace(localConnection(t));
  const found = await place.inspect(path);
  await place.write(found, { size: MiB, extents: [bytesExtent(0, Buffer.alloc(MiB, 7))] }, { reporter });
  t.true(statSync(path).isBlockDevice());
  const written = judge("sha256sum", path).split(" ")[0];
  const wanted = createHash("sha256")
    .update(Buffer.alloc(MiB, 7))
    .update(Buffer.alloc(found.size - MiB));
  t.is(written, wanted.digest("hex"));
});

const withoutAnswer = {
  "no wipefs": null,
  "a wipefs that knows no JSON": "echo unrecognized option >&2; exit 1",
};
for (const [name, wipefs] of Object.entries(withoutAnswer)) {
  test.serial(`a machine with ${name} is refused, since nobody can tell what is on the disk`, async (t) => {
    const device = loopDevice(t, { size: 4 * MiB });
    const place = remotePlace(localConnection(t, { wipefs, applets: [...fewApplets, "sleep"] }));
    const error = await t.throwsAsync<MkimageError>(place.inspect(device.path));
    t.is(error?.code, "REMOTE_FAILED");
    t.regex(error?.message ?? "", /^root@elsewhere lacks a wipefs that can tell what is there/);
  });
}

for (const lacking of ["dd", "sha256sum"] as const) {
  test.serial(`a machine without ${lacking} is refused before anything is asked`, async (t) => {
    const device = loopDevice(t, { size: 4 * MiB });
    const applets = fewApplets.filter((name) => name !== lacking);
    const place = remotePlace(localConnection(t, { applets }));
    const error = await t.throwsAsync<MkimageError>(place.inspect(device.path));
    t.is(error?.code, "REMOTE_FAILED");
    t.true(error?.message.includes(lacking));
  });
}

for (const [path, message] of [
  ["/dev/no-such-disk", /there is nothing at \/dev\/no-such-disk/],
  ["/dev/null", /not a block device/],
] as const) {
  test.serial(`${path} of another machine is refused`, async (t) => {
    const error = await t.throwsAsync<MkimageError>(remotePlace(localConnection(t)).inspect(path));
    t.is(error?.code, "REFUSED_DEVICE");
    t.regex(error?.message ?? "", message);
  });
}

/** A node of its own for a device. */
function copyNode(device: string, path: string): void {
  rmSync(path, { force: true });
  judge("cp", "-a", device, path);
}
