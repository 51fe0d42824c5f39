import test from "ava";
import { parseLvmText, sectionsIn } from "../../../../src/devices/types/lvm-vg/metadata-text.ts";
import { takenOf, volumesOn } from "../../../../src/devices/types/lvm-vg/volumes-on.ts";

// How volumes stand on each other, in LVM's own words.

const visible = 'status = ["READ", "WRITE", "VISIBLE"]';
const plain = (count: number) =>
  `segment1 {\nextent_count = ${count}\ntype = "striped"\nstripe_count = 1\nstripes = ["pv0", 0]\n}`;
const text = `vg {
logical_volumes {
root {\n${visible}\n${plain(100)}\n}
snap {\nstatus = ["READ", "WRITE"]\n${plain(20)}\n}
snapshot0 {\n${visible}\nsegment1 {\nextent_count = 100\ntype = "snapshot"\norigin = "root"\ncow_store = "snap"\n}\n}
pool {\n${visible}\nsegment1 {\nextent_count = 50\ntype = "thin-pool"\nmetadata = "pool_tmeta"\npool = "pool_tdata"\n}\n}
pool_tdata {\nstatus = ["READ"]\n${plain(50)}\n}
pool_tmeta {\nstatus = ["READ"]\n${plain(1)}\n}
thin {\n${visible}\nsegment1 {\nextent_count = 70\ntype = "thin"\nthin_pool = "pool"\n}\n}
copy {\n${visible}\nsegment1 {\nextent_count = 70\ntype = "thin"\nthin_pool = "pool"\norigin = "thin"\n}\n}
striped {\n${visible}\n${plain(2)}\n}
}
}`;

const all = sectionsIn(parseLvmText(text)?.group ?? new Map(), "logical_volumes");

test("a snapshot is made of its origin, a thin volume of its pool, whatever is in between", (t) => {
  const { on, originOf } = volumesOn(all);
  t.deepEqual(on("root"), ["snap"]);
  t.deepEqual(on("pool"), ["thin", "copy"]);
  t.deepEqual(on("pool_tdata"), ["pool", "thin", "copy"]);
  t.deepEqual(on("thin"), ["copy"]);
  t.deepEqual(on("striped"), [], "a type is no name");
  t.is(originOf("snap"), "root");
  t.is(originOf("root"), undefined);
});

test("what is taken is what lies on members, hidden or not", (t) => {
  t.is(takenOf(all), 100 + 20 + 50 + 1 + 2);
});
