import test from "ava";
import { installJob, type GuestInstallRequest } from "../../src/guest/install-job.ts";
import { stepScript } from "../../src/guest/job.ts";

const request: GuestInstallRequest = {
  toplevel: "/nix/store/x-system",
  mounts: [
    { disk: "target", partition: 2, mountPoint: "/boot/efi", filesystem: { type: "vfat" } },
    { disk: "target", partition: 3, mountPoint: "/", filesystem: { type: "ext4" } },
    { disk: "target", partition: 1, mountPoint: "/boot", filesystem: { type: "ext4" }, options: ["umask=0077"] },
  ],
  partitions: [],
  bootDevices: [{ name: "/dev/sda", disk: "target" }],
  installBootloader: true,
  touchEfiVariables: false,
  owners: [{ path: "/srv/it's", user: "web", group: "www" }],
  capture: { trees: ["/boot", "/boot/efi"], files: ["/var/lib/nixos/uid-map"] },
};

const titles = (given: Partial<GuestInstallRequest> = {}) =>
  installJob({ ...request, ...given }).steps.map((step) => step.title);
const commands = (name: string, given: Partial<GuestInstallRequest> = {}) =>
  installJob({ ...request, ...given }).steps.filter(({ argv }) => argv[0] === `/vm/${name}`);

test("filesystems are mounted from the root on, whatever order they come in", (t) => {
  t.deepEqual(
    commands("mount-filesystem").map(({ argv }) => argv.at(-1)),
    ["/", "/boot", "/boot/efi"],
  );
});

test("an image is unmounted after everything else", (t) => {
  t.is(titles().at(-1), "unmount the image");
});

test("without a bootloader the system is activated all the same, for the sake of its users", (t) => {
  t.true(titles({ installBootloader: false }).includes("activate the system"));
  t.false(titles({ installBootloader: false }).includes("install the bootloader"));
});

test("only the step of the installer itself fails as one", (t) => {
  const failing = installJob(request).steps.filter((step) => step.failure === "INSTALLER_FAILED");
  t.deepEqual(
    failing.map((step) => step.title),
    ["install the bootloader"],
  );
});

test("the firmware's variables are opened only when they may be written to", (t) => {
  t.deepEqual(commands("mount-variables"), []);
  t.is(commands("mount-variables", { touchEfiVariables: true }).length, 1);
  t.true(installJob({ ...request, touchEfiVariables: true }).modules?.includes("efivarfs"));
});

test("a tree inside another is not sent twice", (t) => {
  t.deepEqual(commands("capture")[0]?.argv.slice(1), ["/boot", "/var/lib/nixos/uid-map"]);
});

test("a kernel needs what the filesystems need", (t) => {
  t.deepEqual(installJob(request).modules?.toSorted(), ["ext4", "vfat"]);
});

test("a step's shell quotes its words", (t) => {
  const [owner] = commands("set-owner");
  t.is(owner === undefined ? "" : stepScript(owner), "exec /vm/set-owner 0 web:www '/srv/it'\\''s'\n");
});
