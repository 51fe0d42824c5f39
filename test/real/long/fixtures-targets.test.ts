import test from "ava";
import { GiB } from "../../../src/base/units.ts";
import { startTarget, type TargetMachine, type TargetOptions } from "../target-machine.ts";

// Machines that are no NixOS yet, for those who deploy to them.

/** Those of some programs that are not there for whoever comes. */
function missing(target: TargetMachine, ...programs: string[]): Promise<string> {
  return target.ssh(`for name in ${programs.join(" ")}; do command -v $name >/dev/null || echo $name; done`);
}

test.serial(
  "BusyBox starts under UEFI from an NVMe disk, is in a VLAN, has no program but its own, and reboots",
  async (t) => {
    const target = await startTarget(t, {
      system: "busybox",
      firmware: "efi",
      controller: "nvme",
      disks: [GiB, 2 * GiB],
      network: "vlan",
    });
    await target.answers();
    t.is(await target.ssh("ls -d /sys/firmware/efi /dev/nvme?n1"), "/dev/nvme0n1\n/dev/nvme1n1\n/sys/firmware/efi\n");
    t.is(
      await target.ssh("tr -d ' ' </sys/block/nvme1n1/device/serial; cat /sys/block/nvme1n1/size"),
      "target-1\n4194304\n",
    );
    t.is(await missing(target, "bash", "ash", "systemctl", "sudo", "lsblk", "ip"), "bash\nsystemctl\nsudo\nlsblk\n");
    t.is(await target.ssh("ip -o -4 address show scope global | cut -d ' ' -f 2,7"), "eth0.7 10.0.2.15/24\n");
    const started = target.log().length;
    await target.ssh("reboot");
    await target.says(/GRUB starts the target/, 600, started);
    await target.answers();
    t.true(target.events().includes("RESET"));
  },
);

// Further cases, which cost a boot each.
const cases: Readonly<Record<string, readonly [TargetOptions, command: string, output: string]>> = {
  "Debian in a VLAN, under UEFI": [
    { network: "vlan", firmware: "efi" },
    "ip -o -4 address show scope global | cut -d ' ' -f 2,7; ls -d /sys/firmware/efi",
    "office 10.0.2.15/24\n/sys/firmware/efi\n",
  ],
  "BusyBox with a gateway on its link": [
    { system: "busybox", network: "on-link" },
    "ip route",
    "default via 10.0.2.2 dev eth0 \n10.0.2.2 dev eth0 scope link \n",
  ],
  "a disk behind virtio-scsi": [
    { system: "busybox", controller: "virtio-scsi" },
    "ls -d /dev/[sv]da; cat /sys/block/sda/device/vendor",
    "/dev/sda\nQEMU    \n",
  ],
  "a disk behind IDE, and two processors": [
    { system: "busybox", controller: "ide", processors: 2 },
    "ls -d /dev/[sv]da; nproc",
    "/dev/sda\n2\n",
  ],
};
for (const [name, [options, command, output]] of Object.entries(cases)) {
  test.serial(`a target: ${name}`, async (t) => {
    const target = await startTarget(t, options);
    await target.answers();
    t.is(await target.ssh(command), output);
  });
}

test.serial("Debian boots by GRUB from its own disk, and lets admin in, who becomes root by sudo", async (t) => {
  const target = await startTarget(t, { user: "admin", network: "on-link" });
  await target.answers();
  t.regex(target.log(), /GRUB starts the target/);
  t.is(await target.ssh("id -un; sudo -n id -un; . /etc/os-release; echo $ID $VERSION_ID"), "admin\nroot\ndebian 12\n");
  t.is(
    await target.ssh("findmnt -no FSTYPE,SOURCE /; [ -d /sys/firmware/efi ] || echo bios"),
    "ext4   /dev/vda3\nbios\n",
  );
  t.is(await target.ssh("cat /sys/block/vda/serial"), "target-0");
  t.regex(await target.ssh("ip -o route show default"), /^default via 10\.0\.2\.2 dev en\w+ proto static onlink \n$/);
  t.is(await missing(target, "nix", "kexec", "bash", "systemctl", "ip"), "nix\nkexec\n");
  t.is(await target.ssh("sudo systemctl --failed --no-legend --plain"), "");
});
