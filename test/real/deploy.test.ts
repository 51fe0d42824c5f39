import test, { type ExecutionContext } from "ava";
import { GiB, MiB } from "../../src/base/units.ts";
import { demoSystem, mkimage, runMkimage } from "./mkimage.ts";
import { startTarget, type TargetMachine } from "./target-machine.ts";

/** The words of a command that deploys to a target, with patience for a busy machine. */
function to({ port, options, user }: TargetMachine, system: string): string[] {
  const patience = ["--rescue-deadline", "1800", "--boot-deadline", "1800"];
  return [
    "deploy",
    demoSystem(system),
    `${user}@127.0.0.1`,
    "-p",
    String(port),
    ...options,
    ...patience,
    "--accel",
    "tcg",
  ];
}

async function isDeployed(t: ExecutionContext, target: TargetMachine, system: string, words: readonly string[]) {
  const run = await mkimage(t, [...to(target, system), "--yes-wipe-all-disks", "--copy-host-keys", ...words]);
  t.regex(run.stdout, new RegExp(`runs ${demoSystem(system)}`));
  t.is((await target.ssh("readlink /run/current-system")).trim(), demoSystem(system));
}

test.serial("a Debian without kexec becomes a system of ext4 and systemd-boot, with 512 MiB of memory", async (t) => {
  const target = await startTarget(t, { firmware: "efi", memory: 512 * MiB, disks: [4 * GiB] });
  await target.answers();
  const dry = await runMkimage([...to(target, "systemd-boot-ssh"), "--partition", "efi", "--dry-run"]);
  t.regex(dry.stdout, /target-0/);
  await target.answers();
  await isDeployed(t, target, "systemd-boot-ssh", ["--partition", "efi"]);
});
