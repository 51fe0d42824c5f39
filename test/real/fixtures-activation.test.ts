import test from "ava";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closureOf, demoSystem } from "./fixtures-build.ts";

const scratch = mkdtempSync(join(tmpdir(), "fixtures-activation-"));
test.after.always(() => rmSync(scratch, { recursive: true, force: true }));

/** A root folder with a system in its store, as an image has it. */
function root(toplevel: string): string {
  const folder = mkdtempSync(join(scratch, "root-"));
  for (const name of ["nix/store", "nix/var/nix/profiles", "etc", "proc", "boot"]) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  execFileSync("cp", ["-a", ...closureOf(toplevel), join(folder, "nix/store")]);
  symlinkSync(toplevel, join(folder, "nix/var/nix/profiles/system-1-link"));
  symlinkSync("system-1-link", join(folder, "nix/var/nix/profiles/system"));
  return folder;
}

/** Runs a program in a root, as nixos-enter does, with mounts of its own. */
function enter(folder: string, program: string, ...arguments_: string[]) {
  const script = 'mount -t proc proc "$1/proc"; exec chroot "$@"';
  const result = spawnSync("unshare", ["--mount", "sh", "-c", script, "sh", folder, program, ...arguments_], {
    encoding: "utf8",
    env: { NIXOS_INSTALL_BOOTLOADER: "1" },
  });
  return { status: result.status, output: result.stdout + result.stderr };
}

const toplevel = demoSystem("systemd-boot");

test("activation allocates ids, remembers them, and salts a password once", (t) => {
  const folder = root(toplevel);
  const file = (path: string) => readFileSync(join(folder, path), "utf8");
  t.is(enter(folder, `${toplevel}/activate`).status, 0);
  t.regex(file("etc/passwd"), /^alice:x:1000:100::\/home\/alice:/m);
  t.deepEqual(JSON.parse(file("var/lib/nixos/uid-map")), { alice: 1000, nobody: 65534, root: 0, web: 999 });
  t.is(statSync(join(folder, "home/alice")).uid, 1000);
  t.regex(file("etc/shadow"), /^alice:\$6\$/m);

  writeFileSync(join(folder, "var/lib/nixos/uid-map"), '{"alice":1234,"gone":1000}\n');
  const before = file("etc/shadow");
  t.is(enter(folder, `${toplevel}/activate`).status, 0);
  t.is(file("etc/shadow"), before);
  t.regex(file("etc/passwd"), /^alice:x:1234:/m);
  t.deepEqual(JSON.parse(file("var/lib/nixos/uid-map")), { alice: 1234, gone: 1000, nobody: 65534, root: 0, web: 999 });

  const other = root(toplevel);
  enter(other, `${toplevel}/activate`);
  t.not(readFileSync(join(other, "etc/shadow"), "utf8"), before);
});

test("a root that is no NixOS is not given a boot loader", (t) => {
  const { status, output } = enter(root(toplevel), `${toplevel}/bin/switch-to-configuration`, "boot");
  t.is(status, 1);
  t.regex(output, /not a NixOS installation/);
});

for (const [name, message] of [
  ["systemd-boot", /\/boot is not a mounted partition/],
  ["systemd-boot-xbootldr", /\/efi is not a mounted partition/],
  ["grub-efi", /\/boot is not a mount point/],
  ["installer-fails", /the moon is in the wrong phase/],
] as const) {
  test(`${name} refuses to install where nothing is mounted`, (t) => {
    const system = demoSystem(name);
    const folder = root(system);
    writeFileSync(join(folder, "etc/NIXOS"), "");
    const { status, output } = enter(folder, `${system}/bin/switch-to-configuration`, "boot");
    t.is(status, 1);
    t.regex(output, message);
    t.regex(output, /Failed to install bootloader/);
  });
}
