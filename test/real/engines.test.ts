import { createHash } from "node:crypto";
import { createReadStream, readdirSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import test, { type ExecutionContext } from "ava";
import { imageDifferences } from "./image-differences.ts";
import { demoSystem, judge, mkimage, type Run, reportOf, runMkimage, testFolder } from "./mkimage.ts";
import { isLong } from "../together/is-long.ts";

const always = [
  { variant: "systemd-boot-xbootldr", partition: "efixbootldr" },
  { variant: "systemd-boot-by-content", partition: "efi" },
];
const long = [
  { variant: "systemd-boot", partition: "efi" },
  { variant: "systemd-boot-xz", partition: "efi" },
];

/** A day that is not the default, since builders write dates into their entries. */
const environment = { SOURCE_DATE_EPOCH: "1700000000" };

for (const { variant, partition } of isLong ? [...always, ...long] : always) {
  test.serial(`${variant}: the host lays out what the system's own installer makes, to the byte`, async (t) => {
    const folder = testFolder(t);
    const images = [];
    for (const engine of ["host", "guest"]) {
      const out = join(folder, engine);
      const request = ["--partition", partition, "--engine", engine, "--additional-space", "32M", "--out", out];
      await mkimage(t, ["build", demoSystem(variant), ...request], { environment });
      t.is(reportOf(out).bootloader.engine, engine);
      images.push(join(out, "nixos.img"));
    }
    const [host, guest] = images as [string, string];
    const isSame = (await sha256(host)) === (await sha256(guest));
    t.true(isSame, isSame ? "" : imageDifferences(host, guest, reportOf(join(folder, "host")), folder).join("\n"));
  });
}

const efi = ["--partition", "efi"];
const obstacles: readonly (readonly [what: string, variant: string, options: readonly string[], point: RegExp])[] = [
  ["GRUB", "grub", ["--partition", "legacy"], /its bootloader is GRUB/],
  ["extra commands", "systemd-boot-extra-commands", efi, /it has extraInstallCommands: echo/],
  ["initrd secrets", "systemd-boot-secrets", efi, /adds secrets to the initrd/],
  ["EFI variables", "systemd-boot", [...efi, "--touch-efi-vars"], /only firmware can write EFI variables/],
  ["no EFI system partition", "systemd-boot", ["--partition", "legacy+boot"], /\/boot is no FAT filesystem in an EFI/],
];

for (const [what, variant, options, point] of obstacles) {
  test.serial(`${what}: the host refuses and names the point, and auto takes a guest because of it`, async (t) => {
    const out = join(testFolder(t), "out");
    const request = [demoSystem(variant), ...options, "--out", out];
    const refusal = await runMkimage(["build", ...request, "--engine", "host"]);
    t.not(refusal.exitCode, 0);
    t.regex(refusal.stderr, point);
    t.regex(refusal.stderr, /--engine guest, or auto/);
    const { engine, reason } = bootloaderOf(await mkimage(t, ["plan", ...request, "--json"]));
    t.is(engine, "guest");
    t.regex(reason, point);
  });
}

const placeless: readonly (readonly [variant: string, options: readonly string[], place: RegExp])[] = [
  ["systemd-boot", ["--partition", "legacy"], /systemd-boot wants a partition at \/boot/],
  ["systemd-boot", ["--partition", "none"], /systemd-boot wants a partition at \/boot/],
  ["systemd-boot-xbootldr", efi, /systemd-boot wants a partition at \/efi/],
];

for (const [variant, options, place] of placeless) {
  test.serial(
    `${[variant, ...options].join(" ")}: no installer could, which is said before anything is written`,
    async (t) => {
      const folder = testFolder(t);
      for (const verb of ["plan", "build"]) {
        const refusal = await runMkimage([verb, demoSystem(variant), ...options, "--out", join(folder, "out")]);
        t.is(refusal.exitCode, 2);
        t.regex(refusal.stderr, place);
        t.regex(refusal.stderr, /--partition efi/);
      }
      t.deepEqual(readdirSync(folder), []);
      await mkimage(t, ["plan", demoSystem(variant), ...options, "--no-install-boot-loader"]);
    },
  );
}

test.serial("auto says why it takes a guest, and what the commands wrote is in the image", async (t) => {
  const out = join(testFolder(t), "out");
  const request = ["--partition", "efi", "--additional-space", "32M", "--out", out];
  const { stderr } = await mkimage(t, ["build", demoSystem("systemd-boot-extra-commands"), ...request]);
  const report = reportOf(out);
  t.regex(stderr, /note: the host cannot install the bootloader because it has extraInstallCommands/);
  t.regex(report.bootloader.reason, /extraInstallCommands/);
  t.true(report.reproducible);
  t.is(readFromEsp(t, out, "extra.txt"), "written by extraInstallCommands\n");
});

function bootloaderOf({ stdout }: Run): { engine: string; reason: string } {
  return (JSON.parse(stdout) as { bootloader: { engine: string; reason: string } }).bootloader;
}

function readFromEsp(t: ExecutionContext, out: string, path: string): string {
  const first = reportOf(out).disks[0]?.table?.partitions[0]?.first;
  if (first === undefined) t.fail("the image has no partition");
  return judge("mtype", "-i", `${join(out, "nixos.img")}@@${(first ?? 0) * 512}`, `::/${path}`);
}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}
