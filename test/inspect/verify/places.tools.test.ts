import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { tool } from "../images.ts";
import { checked, outcomesOf } from "./checked.ts";
import { changed, smallDisk } from "./disks.ts";

// What a path has in it is in no option of a tool: neither that of the image nor that of scratch files.

const folder = mkdtempSync(join(tmpdir(), "mkimage-test-"));
const disk = join(folder, "disk");
const temporary = process.env["TMPDIR"];

test.before(() => {
  smallDisk(disk, "msdos", folder);
  tool("qemu-img", "convert", "-f", "raw", "-O", "qcow2", disk, `${disk}.qcow2`);
});

test.after.always(() => {
  if (temporary === undefined) delete process.env["TMPDIR"];
  else process.env["TMPDIR"] = temporary;
  rmSync(folder, { recursive: true, force: true });
});

const names = ["a,b", "a?b", "a:b", "nbd:unix", "a'b\"c\\d", "a\nb", "a=b,,c", "ü %s #", "-x", "json:{}"];

for (const name of names) {
  test.serial(`everything is found below ${JSON.stringify(name)}`, async (t) => {
    const place = join(folder, name);
    mkdirSync(place);
    process.env["TMPDIR"] = place;
    for (const format of ["raw", "qcow2"]) {
      const image = join(place, `${name}.${format}`);
      renameSync(changed(format === "raw" ? disk : `${disk}.qcow2`), image);
      const result = await checked(image);
      const { table, "partition 1": one, "partition 2": two } = outcomesOf(result);
      t.deepEqual([table, one, two], ["ok", "ok", "ok"], result.text);
      rmSync(image);
    }
    t.deepEqual(readdirSync(place), []);
  });
}
