import { execFileSync } from "node:child_process";
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import type { MkimageError } from "../../src/base/errors.ts";
import { findFirmware } from "../../src/guest/firmware.ts";
import { installJob, type GuestInstallRequest } from "../../src/guest/install-job.ts";
import { chooseKernel } from "../../src/guest/kernel.ts";
import { readInstallation } from "../../src/guest/read-installation.ts";
import { type GuestMachine, runGuest } from "../../src/guest/run-guest.ts";
import { walk } from "../../src/manifest/tree.ts";
import { temporaryFolder } from "../image/folder.ts";
import { bootDemo } from "./boot-demo.ts";
import { demoSystem } from "./fixtures-build.ts";
import { makeTestImage, rootOffset } from "./guest-image.ts";
import { isLong } from "../together/is-long.ts";

/** Installs a variant's bootloader in an image of its own. */
async function install(
  t: ExecutionContext,
  variant: string,
  changes: Partial<GuestInstallRequest> = {},
  machine: Partial<GuestMachine> = {},
) {
  const folder = temporaryFolder(t);
  const image = await makeTestImage(folder, demoSystem(variant));
  const request = { ...image.request, ...changes };
  const job = installJob(request);
  const guest: GuestMachine = {
    architecture: "x86_64",
    acceleration: "tcg",
    kernel: chooseKernel({ toplevel: request.toplevel, needs: job.modules ?? [] }),
    disks: [image.disk],
    ...machine,
  };
  const places = { logPath: join(folder, "log"), resultsPath: join(folder, "results"), deadlineSeconds: 240 };
  const { results } = await runGuest(guest, job, places);
  return { image, installation: readInstallation(results, request) };
}

/** The paths of everything in a captured tree. */
function pathsIn(tree: Parameters<typeof walk>[0] | undefined): string[] {
  return tree === undefined ? [] : [...walk(tree)].map(({ path }) => path);
}

/** Cases that in CI go through whole builds, in layouts.test.ts, nixpkgs-examples.test.ts and failures.test.ts. */
function testInLong(title: string, check: (t: ExecutionContext) => Promise<void>): void {
  if (isLong) test.serial(title, check);
}

testInLong("GRUB is installed by the system itself, on a disk that it knows by another name, and boots", async (t) => {
  const { image, installation } = await install(t, "grub");
  const paths = pathsIn(installation.trees.get("/boot"));
  for (const expected of ["grub/grub.cfg", "grub/i386-pc/core.img"]) {
    t.true(
      paths.some((path) => path.endsWith(expected)),
      expected,
    );
  }
  t.deepEqual(installation.changed, []);
  t.is((await bootDemo(image.path, "bios"))["variant"], "grub");
  t.notThrows(() => execFileSync("/sbin/e2fsck", ["-fn", `${image.path}?offset=${rootOffset}`], { stdio: "pipe" }));
});

test.serial("named owners get the numbers that activation gave them, in the image and in the result", async (t) => {
  const { installation } = await install(t, "none", { installBootloader: false });
  t.deepEqual(installation.owners, [{ path: "/srv/an owned file", uid: 1000, gid: 100 }]);
  t.deepEqual([...installation.files.keys()], ["/var/lib/nixos/uid-map", "/var/lib/nixos/gid-map"]);
});

testInLong("systemd-boot is installed under UEFI firmware, whose variables it may write, and boots", async (t) => {
  const firmware = findFirmware({ architecture: "x86_64" });
  const variables = join(temporaryFolder(t), "efi-vars.fd");
  copyFileSync(firmware.variables, variables);
  const machine = { firmware: { ...firmware, variables } };
  const { image, installation } = await install(t, "systemd-boot", { touchEfiVariables: true }, machine);
  const paths = pathsIn(installation.trees.get("/boot"));
  t.true(paths.some((path) => path.endsWith("EFI/BOOT/BOOTX64.EFI")));
  t.true(installation.changed.every((path) => path.startsWith("/etc")));
  t.notDeepEqual(readFileSync(variables), readFileSync(firmware.variables));
  const greeting = await bootDemo(image.path, "efi");
  t.is(greeting["variant"], "systemd-boot");
  t.regex(greeting["boot"] ?? "", /:vfat:ESP$/);
});

testInLong("an installer that does not find its disk fails, and its own words are shown", async (t) => {
  const error = (await t.throwsAsync(install(t, "grub", { bootDevices: [] }))) as MkimageError;
  t.is(error.code, "INSTALLER_FAILED");
  t.regex(error.message, /"install the bootloader" failed in the guest/);
  t.true(error.details.some((line) => line.includes("/dev/disk/by-id/ata-DEMO_DISK_0001 does not exist")));
});

test.serial("an owner whom the image does not know is a fault of the request", async (t) => {
  const owners = [{ path: "/srv/an owned file", user: "nobody-knows", group: "users" }];
  const error = (await t.throwsAsync(install(t, "none", { installBootloader: false, owners }))) as MkimageError;
  t.is(error.code, "BAD_REQUEST");
  t.regex(error.message, /give \/srv\/an owned file to nobody-knows:users/);
});
