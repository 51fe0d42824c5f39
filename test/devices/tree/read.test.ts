import test from "ava";
import { MkimageError } from "../../../src/base/errors.ts";
import { deviceTreeJsonSchema } from "../tree-schema.ts";
import { readDeviceTree } from "../../../src/devices/tree/read.ts";

const filesystem = { type: "filesystem", format: "ext4", mountpoint: "/" };

test("the set under disko.devices and the whole configuration read alike", (t) => {
  const devices = { disk: { main: { device: "/dev/sda", content: filesystem } } };
  t.deepEqual(readDeviceTree({ disko: { devices } }), readDeviceTree(devices));
});

test("defaults are filled in, and null is as good as nothing", (t) => {
  const tree = readDeviceTree({
    disk: { main: { content: { type: "gpt", partitions: { a: { uuid: null, content: null } } } } },
  });
  const { main } = tree.disk;
  t.like(main, { type: "disk", destroy: true, imageSize: "auto", sectorSize: 512, preCreateHook: "" });
  t.like(main?.content?.type === "gpt" ? main.content.partitions["a"] : undefined, {
    start: "0",
    size: null,
    end: null,
    priority: null,
    type: null,
    attributes: [],
  });
});

test("what a node leaves to its key is known once the tree is read, and a name of its own stays", (t) => {
  const swap = { file: { size: "1G" }, other: { size: "1G", path: "sub/file" } };
  const tree = readDeviceTree({
    disk: {
      "a/b": { content: { type: "gpt", partitions: { p: {}, q: { name: "own" } } } },
      c: { name: "own", content: { type: "btrfs", subvolumes: { "@s": { swap }, t: { name: "n" } }, swap } },
      d: { imageName: "image" },
    },
    mdadm: { m: {}, n: { name: "own" } },
    lvm_vg: { v: { lvs: { l: { size: "1G" }, k: { name: "own", size: "1G" } } } },
    zpool: { z: { datasets: { f: { type: "zfs_fs" }, v: { type: "zfs_volume", name: "own", size: "1G" } } } },
    bcachefs_filesystems: { b: { subvolumes: { s: {} } } },
    nodev: { "/t": { fsType: "tmpfs" }, u: { fsType: "tmpfs", mountpoint: "/u" } },
  });
  const [gpt, btrfs] = [tree.disk["a/b"]?.content, tree.disk["c"]?.content];
  if (gpt?.type !== "gpt" || btrfs?.type !== "btrfs") return t.fail();
  const names = (set: object) => Object.values(set).map(({ name }: { name: string }) => name);
  t.deepEqual(
    Object.values(tree.disk).map(({ name, imageName }) => [name, imageName]),
    [
      ["a_b", "a_b"],
      ["own", "own"],
      ["d", "image"],
    ],
  );
  t.deepEqual(names(gpt.partitions), ["p", "own"]);
  t.deepEqual(names(btrfs.subvolumes), ["@s", "n"]);
  for (const files of [btrfs.swap, btrfs.subvolumes["@s"]?.swap ?? {}])
    t.deepEqual(
      Object.values(files).map(({ path }) => path),
      ["file", "sub/file"],
    );
  t.deepEqual(names(tree.mdadm), ["m", "own"]);
  t.deepEqual(names(tree.lvm_vg["v"]?.lvs ?? {}), ["l", "own"]);
  t.deepEqual(names(tree.zpool["z"]?.datasets ?? {}), ["f", "own"]);
  t.deepEqual(names(tree.bcachefs_filesystems["b"]?.subvolumes ?? {}), ["s"]);
  t.deepEqual(
    Object.values(tree.nodev).map(({ mountpoint }) => mountpoint),
    ["/t", "/u"],
  );
});

test("every type of disko, nested as its types allow, is read", (t) => {
  const volumes = {
    root: { size: "100%FREE", content: filesystem },
    thin: { size: "1G", lvm_type: "thinlv", pool: "p" },
  };
  t.notThrows(() =>
    readDeviceTree({
      disk: {
        a: {
          content: {
            type: "gpt",
            efiGptPartitionFirst: false,
            partitions: {
              boot: {
                size: "1M",
                type: "EF02",
                attributes: [0],
                hybrid: { mbrPartitionType: "0x0c", mbrBootableFlag: false },
              },
              raid: { size: "10G", content: { type: "mdraid", name: "md" } },
              swap: {
                start: "-10G",
                end: "-0",
                content: { type: "swap", randomEncryption: true, discardPolicy: "both" },
              },
              luks: {
                size: "100%",
                content: {
                  type: "luks",
                  name: "c",
                  settings: { allowDiscards: true },
                  content: { type: "lvm_pv", vg: "vg" },
                },
              },
            },
          },
        },
        b: {
          content: {
            type: "table",
            format: "msdos",
            partitions: [{ "part-type": "primary", "fs-type": "ext4", content: filesystem }],
          },
        },
        c: { content: { type: "bcachefs", filesystem: "pool", label: "ssd" } },
        d: { content: { type: "zfs", pool: "tank" } },
        e: { content: { type: "luks", name: "e", content: { type: "gpt", partitions: {} } } },
      },
      mdadm: {
        md: {
          level: 1,
          metadata: "1.0",
          content: {
            type: "btrfs",
            subvolumes: { "/home": { mountpoint: "/home", swap: { file: { size: "1G" } } } },
            swap: { other: { size: "2G", priority: 3 } },
          },
        },
      },
      lvm_vg: { vg: { type: "lvm_vg", lvs: volumes } },
      zpool: {
        tank: {
          mode: {
            topology: {
              type: "topology",
              vdev: [{ mode: "mirror", members: ["d", "/dev/x"] }],
              cache: ["y"],
              special: { members: ["z"] },
            },
          },
          rootFsOptions: { compression: "zstd" },
          datasets: {
            root: { type: "zfs_fs", mountpoint: "/" },
            disk: { type: "zfs_volume", size: "10G", content: filesystem },
          },
        },
      },
      bcachefs_filesystems: { pool: { type: "bcachefs_filesystem", subvolumes: { a: { mountpoint: "/a" } } } },
      nodev: { "/tmp": { fsType: "tmpfs", mountOptions: ["size=2G"] } },
    }),
  );
});

test("every fault is told at once, with its path, what is legal and what was meant", (t) => {
  const error = t.throws(
    () =>
      readDeviceTree({
        disk: {
          main: {
            devise: "/dev/sda",
            content: {
              type: "gpt",
              partitions: {
                a: { size: "1X", content: { type: "filesystm" } },
                b: { content: { type: "luks", content: { type: "filesystem", format: "ext4", mountpoint: "boot" } } },
                c: { atributes: [1], attributes: [5] },
              },
            },
          },
        },
        nodev: { "/tmp": {} },
      }),
    { instanceOf: MkimageError, code: "BAD_REQUEST" },
  );
  const partitions = "disk.main.content.partitions";
  t.true(includesLine(error, "disk.main.devise: unknown key; did you mean device?"));
  t.true(
    includesLine(error, `${partitions}.a.size: must be a size such as 512M, 10G, 2048s, 50% or 100% (given: "1X")`),
  );
  t.true(includesLine(error, `${partitions}.a.content.type: `, "'filesystem'", '(given: "filesystm")'));
  t.true(includesLine(error, `${partitions}.b.content.name: `));
  t.true(
    includesLine(
      error,
      `${partitions}.b.content.content.mountpoint: a mount point is an absolute path (given: "boot")`,
    ),
  );
  t.true(includesLine(error, `${partitions}.c.atributes: unknown key; did you mean attributes?`));
  t.true(includesLine(error, `${partitions}.c.attributes[0]: must be 0, 1, 2 or 48 to 63`));
  t.true(includesLine(error, "nodev./tmp.fsType: "));
  t.is(error.details.length, 8);
});

test("a partition cannot hold a partition table, a LUKS container can", (t) => {
  const table = { type: "gpt", partitions: {} };
  const holding = (content: object) => ({ disk: { a: { content: { type: "gpt", partitions: { p: { content } } } } } });
  t.throws(() => readDeviceTree(holding(table)), { code: "BAD_REQUEST" });
  t.notThrows(() => readDeviceTree(holding({ type: "luks", name: "x", content: table })));
});

test("what is no tree at all is refused", (t) => {
  for (const input of [null, [], "disk", { disko: { devices: 1 } }])
    t.throws(() => readDeviceTree(input), { code: "BAD_REQUEST" });
});

test("the JSON Schema has a definition that contains itself, and descriptions", (t) => {
  const text = JSON.stringify(deviceTreeJsonSchema());
  t.regex(text, /"\$ref":"#\/\$defs\//);
  t.regex(text, /"description":"The partitions by name\."/);
  t.regex(text, /"additionalProperties":false/);
});

function includesLine(error: MkimageError, ...parts: string[]): boolean {
  return error.details.some((line) => parts.every((part) => line.includes(part)));
}
