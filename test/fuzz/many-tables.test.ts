import { closeSync, openSync, readSync, readdirSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { openImage } from "../../src/image/reading/open-image.ts";
import { temporaryFolder } from "../image/folder.ts";
import { word, words } from "../image/qcow2-file.ts";
import { overwrite, silent, tool } from "../inspect/images.ts";

test("refused: tables without end in a file of holes, by what is stored of it", async (t) => {
  const path = join(temporaryFolder(t), "holes.qcow2");
  tablesWithoutEnd(path);
  await t.throwsAsync(openImage(path, { reporter: silent }), { code: "BAD_IMAGE" });
  t.deepEqual(
    readdirSync(tmpdir()).filter((name) => name.startsWith(`.mkimage-${process.pid}-`)),
    [],
  );
});

/** 2 Mi tables for a disk of 1 GiB, all of them one and the same hole: counted as often, so that qemu-img finds no fault. */
function tablesWithoutEnd(path: string): void {
  const [cluster, count, l1] = [65_536, 2 ** 21, 3 * 65_536];
  const l2 = l1 + 8 * count;
  tool("qemu-img", "create", "-q", "-f", "qcow2", "-o", "refcount_bits=64", path, "1G");
  truncateSync(path, 128 * 1024 ** 3);
  overwrite(path, 36, Buffer.from([0, 0x20, 0, 0]));
  overwrite(path, 40, word(l1));
  overwrite(
    path,
    l1,
    words(count, () => l2),
  );
  const counts = words(l2 / cluster + 1, (index) => (index < l2 / cluster ? 1 : count));
  const table = Buffer.alloc(8);
  const file = openSync(path, "r");
  readSync(file, table, 0, 8, cluster);
  closeSync(file);
  overwrite(path, Number(table.readBigUInt64BE()), counts);
}
