import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { judge } from "../loop-device.ts";
import { demoSystem, mkimage, testFolder } from "../mkimage.ts";
import { makeKeys } from "../target-files.ts";
import { startTarget } from "../target-machine.ts";

// Variants of the demo system that stay on, and can be asked over SSH.

function content(source: string, target: string): string[] {
  return ["--contents", `source=${source},target=${target},mode=0600`];
}

test.serial("it boots by GRUB under BIOS, and makes the host key that is not there", async (t) => {
  const keys = testFolder(t);
  makeKeys(keys);
  const system = demoSystem("grub-ssh");
  const out = join(keys, "out");
  const given = content(join(keys, "key.pub"), "/etc/ssh/authorized_keys.d/root");
  await mkimage(t, ["build", system, "--partition", "legacy", "--out", out, ...given]);
  const machine = await startTarget(t, { image: join(out, "nixos.img"), keys });
  await machine.says(/^mkimage-demo: booted .* firmware=bios /m);
  await t.throwsAsync(machine.ssh("true"), { message: /Host key verification failed/ });
  writeFileSync(machine.knownHosts, judge("ssh-keyscan", "-t", "ed25519", "-p", String(machine.port), "127.0.0.1"));
  t.is(await machine.ssh("readlink /run/current-system"), `${system}\n`);
});

test.serial("it boots under UEFI, has the host key that is in its image, and says which system runs", async (t) => {
  const keys = testFolder(t);
  makeKeys(keys);
  const system = demoSystem("systemd-boot-ssh");
  const given = [
    content(join(keys, "key.pub"), "/root/.ssh/authorized_keys"),
    content(join(keys, "host-key"), "/etc/ssh/ssh_host_ed25519_key"),
  ].flat();
  const out = join(keys, "out");
  await mkimage(t, ["build", system, "--partition", "efi", "--out", out, ...given]);
  const machine = await startTarget(t, { image: join(out, "nixos.img"), firmware: "efi", keys, memory: 512 * 2 ** 20 });
  await machine.answers();
  t.is(await machine.ssh("readlink /run/current-system; readlink /run/booted-system"), `${system}\n${system}\n`);
  t.is(
    await machine.ssh("id -un; hostname; ls -d /sys/firmware/efi"),
    "root\ndemo-systemd-boot-ssh\n/sys/firmware/efi\n",
  );
});
