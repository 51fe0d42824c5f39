import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { runCycles } from "../real/disko-cycle.ts";
import { placesIn, plannedPlaces } from "../real/disko-mounts.ts";
import { zfsKernel } from "./needs.ts";

const name = "zfs-mirror";

test("a mirror with datasets, one of them encrypted, is made, mounted, kept, destroyed and made anew", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-zfs-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const said = await runCycles([{ name }], { folder, kernel: zfsKernel(process.env), deadlineSeconds: 900 });
  const answer = (what: string): string => said(name, what) ?? t.fail(`nothing was said about ${what}`);
  for (const moment of ["first", "formatted", "anew"])
    t.deepEqual(placesIn(answer(`mounts.${moment}`)), plannedPlaces(name), moment);
  t.is(answer("mounts.again"), answer("mounts.first"));
  t.deepEqual(placesIn(answer("mounts.unmounted")), []);
  t.notRegex(answer("contents.destroyed"), /TYPE=/);
});
