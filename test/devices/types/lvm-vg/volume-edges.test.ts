import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { MiB } from "../../../../src/base/units.ts";
import { volumeEdges } from "../../../../src/devices/types/lvm-vg/volume-edges.ts";

const recorded = readFileSync(join(import.meta.dirname, "../../found/recorded/pvck"));

test("the edges of volumes are read from LVM's own text, of which each stripe has its share", (t) => {
  // `root` is the first 10 extents of the first member, `home` 10 extents of each of both.
  t.deepEqual(
    volumeEdges(recorded),
    [0, 10, 20].map((extent) => MiB + extent * 4 * MiB),
  );
});

test("where there is no LVM, or no volume, there are no edges", (t) => {
  t.deepEqual(volumeEdges(Buffer.alloc(MiB)), []);
  t.deepEqual(volumeEdges(Buffer.from("pool {\nextent_size = 8192\nphysical_volumes {\npe_start = 2048\n}\n}\n")), []);
});
