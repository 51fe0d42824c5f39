import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { demoSystem, judge, mkimage, reportOf, testFolder } from "./mkimage.ts";
import { isLong } from "../together/is-long.ts";

interface Captured {
  readonly note: string;
  readonly token: string;
  readonly reproducible: boolean;
}

/** bootctl leaves `/etc/kernel/entry-token` on the root filesystem, which is no part of what boots. */
async function install(t: ExecutionContext, ...options: readonly string[]): Promise<Captured> {
  const folder = testFolder(t);
  const out = join(folder, "out");
  const request = ["--partition", "efi", "--engine", "guest", "--additional-space", "32M", "--out", out, ...options];
  const { stderr } = await mkimage(t, ["build", demoSystem("systemd-boot"), ...request]);
  const report = reportOf(out);
  const first = report.disks[0]?.table?.partitions.find(({ number }) => number === 2)?.first ?? 0;
  const root = `${join(out, "nixos.img")}?offset=${first * 512}`;
  return {
    note: /^note: the installer also changed .*$/m.exec(stderr)?.[0] ?? "",
    token: judge("debugfs", "-R", "cat /etc/kernel/entry-token", root),
    reproducible: report.reproducible,
  };
}

test.serial("what an installer changes besides is listed by its paths, and not kept", async (t) => {
  const { note, token } = await install(t);
  t.is(note, "note: the installer also changed /etc/kernel/entry-token; --capture PATH keeps such a path");
  t.is(token, "");
});

for (const path of isLong ? ["/etc/kernel", "/etc/kernel/entry-token"] : ["/etc/kernel"]) {
  test.serial(`--capture ${path} keeps it, and nothing is left to list`, async (t) => {
    const { note, token, reproducible } = await install(t, "--capture", path);
    t.is(note, "");
    t.not(token, "");
    t.true(reproducible);
  });
}
