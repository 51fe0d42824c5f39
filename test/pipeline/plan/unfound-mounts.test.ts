import test from "ava";
import { notesOnFstab } from "../../../src/pipeline/plan/unfound-mounts.ts";
import { ext4, solveTree } from "../../devices/layout/solve-tree.ts";

const uuid = "f222513b-ded1-49fa-b591-20ce86a2fe7f";

const tree = {
  disk: {
    main: {
      content: {
        type: "gpt",
        partitions: {
          root: { size: "64M", content: { ...ext4("/"), uuid } },
          swap: { size: "64M", content: { type: "swap", label: "swap" } },
          pv: {
            size: "100%",
            content: { type: "luks", name: "c", askPassword: true, content: { type: "lvm_pv", vg: "pool" } },
          },
        },
      },
    },
  },
  lvm_vg: { pool: { lvs: { home: { size: "16M", content: { ...ext4("/home"), label: "home" } } } } },
};

test("a system that looks for its filesystems where the tree has them is not spoken of", (t) => {
  const fstab = [
    "/dev/disk/by-partlabel/disk-main-root / ext4 defaults",
    `UUID=${uuid} / ext4 defaults`,
    "/dev/disk/by-label/home /home ext4 defaults",
    "LABEL=swap none swap defaults",
  ];
  t.deepEqual(notesOnFstab(fstab.join("\n"), solveTree(tree)), []);
  t.deepEqual(notesOnFstab("", solveTree(tree)), []);
});

test("a system that looks elsewhere is, in one note", (t) => {
  const fstab = "/dev/disk/by-label/nixos / ext4 defaults\n/dev/disk/by-label/home /srv ext4 defaults\n";
  const [note, ...others] = notesOnFstab(fstab, solveTree(tree));
  t.deepEqual(others, []);
  t.regex(
    note ?? "",
    /^the system looks for \/ at \/dev\/disk\/by-label\/nixos, for \/srv at \/dev\/disk\/by-label\/home, /,
  );
});
