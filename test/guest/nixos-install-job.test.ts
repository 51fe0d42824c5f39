import { existsSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { nixosInstallJob, type NixosInstallRequest } from "../../src/guest/nixos-install-job.ts";
import { vmFolder } from "../../src/guest/vm-folder.ts";

const request: NixosInstallRequest = {
  toplevel: "/nix/store/x-system",
  program: "/nix/store/x-system/sw/bin/nixos-install",
  root: "/mnt",
  channel: undefined,
  additionalPaths: [],
  mountpoints: ["/", "/boot"],
  mounts: [{ disk: "target", mountPoint: "/", filesystem: { type: "ext4" } }],
  partitions: [],
  bootDevices: [],
  installBootloader: true,
  touchEfiVariables: false,
  owners: [],
};
const mounting = {
  mount: [{ title: "mount", argv: ["mount"] }],
  close: [{ title: "close", argv: ["close"] }],
};
const owners = [{ path: "/srv", user: "web", group: "web" }];

const stepsOf = (given: Partial<NixosInstallRequest>, mount = mounting) =>
  nixosInstallJob({ ...request, ...given }, mount).steps;
const titlesOf = (given: Partial<NixosInstallRequest>, mount = mounting) =>
  stepsOf(given, mount).map(({ title }) => title);
const installOf = (given: Partial<NixosInstallRequest>) =>
  stepsOf(given).find(({ title }) => title === "run nixos-install");

const flags: readonly (readonly [string, Partial<NixosInstallRequest>, string])[] = [
  ["a system", {}, "--no-root-passwd --no-channel-copy"],
  ["a channel", { channel: "/nix/store/c" }, "--no-root-passwd --channel /nix/store/c"],
  ["no bootloader", { installBootloader: false }, "--no-root-passwd --no-channel-copy --no-bootloader"],
];

for (const [title, given, expected] of flags) {
  test(`nixos-install is called for ${title} as a user would`, (t) => {
    t.is(installOf(given)?.argv.join(" "), `${request.program} --root /mnt --system ${request.toplevel} ${expected}`);
  });
}

test("it finds the system's own programs first, then the toolbox, and a Nix that asks no server", (t) => {
  const { environment, failure } = installOf({}) ?? {};
  t.is(environment?.["PATH"], "/nix/store/x-system/sw/bin:/toolbox/bin:/bin");
  t.regex(environment?.["NIX_CONFIG"] ?? "", /^sandbox = false\nsubstitute = true\nsubstituters =$/m);
  t.is(failure, "INSTALLER_FAILED");
});

test("the store of the medium is there before it runs, and further paths are copied after", (t) => {
  const titles = titlesOf({ additionalPaths: ["/nix/store/y"], touchEfiVariables: true });
  const places = ["mount", "open the firmware's variables", "open the store of the medium", "run nixos-install"];
  const order = [...places, "copy further store paths", "unmount the image"].map((title) => titles.indexOf(title));
  t.false(order.includes(-1), titles.join(", "));
  t.deepEqual(
    order,
    order.toSorted((one, other) => one - other),
  );
});

test("free space is measured on filesystems that are mounted anew; those of a script stay mounted", (t) => {
  const own = titlesOf({});
  t.deepEqual(own.slice(own.indexOf("run nixos-install") + 1), [
    "unmount the image",
    "close",
    "mount",
    "see what is free on /",
    "see what is free on /boot",
    "unmount the image",
    "close",
  ]);
  const scripted = titlesOf({}, { ...mounting, mount: [] });
  t.deepEqual(scripted.slice(scripted.indexOf("run nixos-install") + 1), [
    "see what is free on /",
    "see what is free on /boot",
    "unmount the image",
    "close",
  ]);
});

test("owners by name are known once somebody has activated the system", (t) => {
  t.false(titlesOf({ owners }).includes("activate the system"));
  const titles = titlesOf({ owners, installBootloader: false });
  t.true(titles.indexOf("activate the system") < titles.indexOf("give /srv to web:web"));
});

test("only scripts that exist are named", (t) => {
  const all = stepsOf({ owners, installBootloader: false, touchEfiVariables: true });
  const names = all.flatMap(({ argv }) => (argv[0]?.startsWith("/vm/") === true ? [argv[0].slice(4)] : []));
  for (const name of names) t.true(existsSync(join(vmFolder(), name)), name);
});
