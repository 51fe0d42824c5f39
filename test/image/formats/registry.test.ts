import test from "ava";
import { formatNames, imageDrivers, imageFormats, requireFormatHolds } from "../../../src/image/formats/registry.ts";
import { GiB, TiB } from "../../../src/base/units.ts";

test("every format says its file's ending and QEMU's driver", (t) => {
  const said = formatNames.map((name) => [name, imageFormats[name].ending, imageFormats[name].driver]);
  t.deepEqual(said, [
    ["raw", "img", "raw"],
    ["qcow2", "qcow2", "qcow2"],
    ["qcow2-compressed", "qcow2", "qcow2"],
    ["vdi", "vdi", "vdi"],
    ["vpc", "vhd", "vpc"],
    ["vpc-fixed", "vhd", "vpc"],
    ["vhdx", "vhdx", "vhdx"],
    ["vmdk", "vmdk", "vmdk"],
  ]);
  t.deepEqual(imageDrivers, ["raw", "qcow2", "vdi", "vpc", "vhdx", "vmdk"]);
});

for (const [name, size] of [
  ["vpc", 2040 * GiB + 512],
  ["vpc-fixed", 2041 * GiB],
  ["vhdx", 65 * TiB],
  ["vmdk", 3 * TiB],
  ["vdi", 513 * TiB],
  ["qcow2", 2049 * TiB],
] as const) {
  test(`a disk that ${name} cannot hold is refused, with what it holds`, (t) => {
    t.throws(() => requireFormatHolds(name, size), {
      code: "BAD_REQUEST",
      message: new RegExp(`format ${name} cannot`),
    });
    t.notThrows(() => requireFormatHolds(name, imageFormats[name].largest));
  });
}
