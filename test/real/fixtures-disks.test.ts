import test from "ava";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memberAt, readInitrd } from "../../src/bootloaders/growth/initrd.ts";
import { nixosModule } from "../../src/devices/nixos/nixos-module.ts";
import { fixture } from "../steps/fixtures.ts";
import { buildFixtures, command, demoSystem } from "./fixtures-build.ts";

// The variants whose disks have a device tree: system and tree have to agree, or no image of the tree would boot.

const names = ["luks", "lvm", "lvm-on-luks", "raid1", "btrfs-subvolumes", "ext4-swap"];
const folder = mkdtempSync(join(tmpdir(), "fixtures-disks-"));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

interface Disks {
  readonly fileSystems: object;
  readonly swapDevices?: readonly object[];
  readonly boot?: { readonly initrd?: { readonly luks: { readonly devices: object } }; readonly swraid?: object };
}

/** The part of a module or a configuration that is about disks. */
function disksIn({ fileSystems, swapDevices = [], boot }: Disks) {
  return { fileSystems, swapDevices, luks: boot?.initrd?.luks.devices ?? {}, arrays: boot?.swraid ?? {} };
}

for (const name of names) {
  test(`${name} is configured as \`mkimage disko config\` says of its tree`, (t) => {
    const file = join(folder, `${name}.nix`);
    writeFileSync(file, nixosModule(fixture(`boot-${name}`)));
    const asked = JSON.parse(command("nix", "eval", "--json", "--file", file)) as Disks;
    const [flake] = buildFixtures("--flake") as [string];
    const attribute = `path:${flake}#nixosConfigurations.${name}.config`;
    const chosen = "{ fileSystems, swapDevices, boot, ... }: { inherit fileSystems swapDevices boot; }";
    const configured = JSON.parse(command("nix", "eval", "--json", attribute, "--apply", chosen)) as Disks;
    t.deepEqual(disksIn(configured), disksIn(asked));
  });
}

test("stage 1 mounts what the system needs to start, stage 2 the rest", async (t) => {
  const system = demoSystem("btrfs-subvolumes");
  const places = (text: string) => [...text.matchAll(/^\S+ (\S+) /gm)].map(([, place]) => place);
  const initrd = await readInitrd(readFileSync(join(system, "initrd")));
  const early = Buffer.from(memberAt(initrd, "etc/fstab")?.bytes ?? []).toString();
  t.deepEqual(places(early), ["/", "/nix"]);
  t.deepEqual(places(readFileSync(join(system, "etc/fstab"), "utf8")), ["/", "/boot", "/home", "/nix"]);
});

test("the key is in the initrd where the configuration says", async (t) => {
  const key = readFileSync(join(import.meta.dirname, "../../fixtures/system/crypto_keyfile.bin"), "utf8");
  const initrd = await readInitrd(readFileSync(join(demoSystem("luks"), "initrd")));
  t.is(Buffer.from(memberAt(initrd, "crypto_keyfile.bin")?.bytes ?? []).toString(), key);
});
