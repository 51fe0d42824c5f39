import test from "ava";
import { rescueParameters } from "../../../src/deploy/rescue/rescue-parameters.ts";

const parameters = {
  "where the system is": [
    ["init=/nix/store/x/init", "root=fstab", "rw", "systemd.show_status=1", "console=ttyS0"],
    ["console=ttyS0", "panic=30"],
  ],
  "how much it tells": [
    ["quiet", "splash", "loglevel=4", "console=tty1"],
    ["console=tty1", "panic=30"],
  ],
  "what its machine needs": [
    ["pci=nomsi", "nvme_core.default_ps_max_latency_us=0", "console=tty0"],
    ["pci=nomsi", "nvme_core.default_ps_max_latency_us=0", "console=tty0", "panic=30"],
  ],
  "when it restarts": [
    ["panic=0", "console=tty0"],
    ["console=tty0", "panic=30"],
  ],
  "no console": [[], ["console=tty0", "console=ttyAMA0", "panic=30"]],
} as const;
for (const [name, [given, wanted]] of Object.entries(parameters)) {
  test(`parameters of a system that say ${name}`, (t) => {
    t.deepEqual(rescueParameters("aarch64", given), wanted);
  });
}
