import test from "ava";
import { stepsOf } from "./fixtures.ts";

const phases = ["Create", "Mount", "Unmount"].flatMap((phase) => [`pre${phase}Hook`, `post${phase}Hook`]);
const hooks = Object.fromEntries(phases.map((phase) => [phase, 'echo "$name"']));
const ext4 = (mountpoint: string) => ({ type: "filesystem", format: "ext4", mountpoint, ...hooks });
const disk = (content: object) => ({ device: "/dev/sda", content, ...hooks });
const gpt = (partitions: object) => ({ type: "gpt", partitions, ...hooks });

interface Case {
  readonly tree: object;
  /** By the place of a node, what its hooks find in `$name`. */
  readonly names: Readonly<Record<string, string>>;
}

/** Each type of node, with a name of its own and without. */
const cases: Readonly<Record<string, Case>> = {
  "disks and what fills them": {
    tree: {
      disk: {
        a: { name: "named", ...disk(ext4("/")) },
        b: { ...disk({ type: "swap", ...hooks }), device: "/dev/sdb" },
      },
    },
    names: { "disk.a": "named", "disk.a.content": "named", "disk.b": "b", "disk.b.content": "b" },
  },
  partitions: {
    tree: {
      disk: {
        a: disk(
          gpt({ p: { content: ext4("/"), ...hooks }, q: { size: "1G", name: "named", content: ext4("/q"), ...hooks } }),
        ),
      },
    },
    names: {
      "disk.a": "a",
      "disk.a.content": "a",
      "disk.a.content.partitions.p": "p",
      "disk.a.content.partitions.p.content": "p",
      "disk.a.content.partitions.q": "named",
      "disk.a.content.partitions.q.content": "named",
    },
  },
  "partitions in parted's terms": {
    tree: {
      disk: {
        a: disk({
          type: "table",
          format: "msdos",
          partitions: [
            { content: ext4("/"), ...hooks },
            { name: "n", content: ext4("/n"), ...hooks },
            { name: "", ...hooks },
          ],
          ...hooks,
        }),
      },
    },
    names: {
      "disk.a": "a",
      "disk.a.content": "a",
      "disk.a.content.partitions[0]": "1",
      "disk.a.content.partitions[0].content": "1",
      "disk.a.content.partitions[1]": "n",
      "disk.a.content.partitions[1].content": "n",
      "disk.a.content.partitions[2]": "3",
    },
  },
  containers: {
    tree: { disk: { a: disk({ type: "luks", name: "c", content: ext4("/"), ...hooks }) } },
    names: { "disk.a": "a", "disk.a.content": "c", "disk.a.content.content": "c" },
  },
  "volume groups": {
    tree: {
      disk: { a: disk({ type: "lvm_pv", vg: "g", ...hooks }) },
      lvm_vg: {
        g: {
          lvs: {
            l: { size: "1G", content: ext4("/"), ...hooks },
            m: { name: "n", size: "1G", content: ext4("/n"), ...hooks },
          },
          ...hooks,
        },
      },
    },
    names: {
      "disk.a": "a",
      "disk.a.content": "a",
      "lvm_vg.g": "g",
      "lvm_vg.g.lvs.l": "l",
      "lvm_vg.g.lvs.l.content": "l",
      "lvm_vg.g.lvs.m": "n",
      "lvm_vg.g.lvs.m.content": "n",
    },
  },
  arrays: {
    tree: {
      disk: { a: disk({ type: "mdraid", name: "r", ...hooks }) },
      mdadm: { r: { content: ext4("/"), ...hooks } },
    },
    names: { "disk.a": "a", "disk.a.content": "r", "mdadm.r": "r", "mdadm.r.content": "r" },
  },
  btrfs: {
    tree: {
      disk: {
        a: disk({
          type: "btrfs",
          mountpoint: "/",
          subvolumes: { "@s": { mountpoint: "/s", ...hooks }, t: { name: "n", ...hooks } },
          ...hooks,
        }),
      },
    },
    names: {
      "disk.a": "a",
      "disk.a.content": "a",
      "disk.a.content.subvolumes.@s": "@s",
      "disk.a.content.subvolumes.t": "n",
    },
  },
  pools: {
    tree: {
      disk: { a: disk({ type: "zfs", pool: "p", ...hooks }) },
      zpool: {
        p: {
          datasets: {
            "d/e": { type: "zfs_fs", mountpoint: "/d", ...hooks },
            f: { type: "zfs_fs", name: "n", ...hooks },
            v: { type: "zfs_volume", size: "1G", content: ext4("/v"), ...hooks },
          },
          ...hooks,
        },
      },
    },
    names: {
      "disk.a": "a",
      "disk.a.content": "a",
      "zpool.p": "p",
      "zpool.p.datasets.d/e": "d/e",
      "zpool.p.datasets.f": "n",
      "zpool.p.datasets.v": "v",
      "zpool.p.datasets.v.content": "v",
    },
  },
  bcachefs: {
    tree: {
      disk: { a: disk({ type: "bcachefs", filesystem: "b", ...hooks }) },
      bcachefs_filesystems: {
        b: { mountpoint: "/", subvolumes: { s: { mountpoint: "/s", ...hooks }, t: { name: "n", ...hooks } }, ...hooks },
      },
    },
    names: {
      "disk.a": "a",
      "disk.a.content": "a",
      "bcachefs_filesystems.b": "b",
      "bcachefs_filesystems.b.subvolumes.s": "s",
      "bcachefs_filesystems.b.subvolumes.t": "n",
    },
  },
  "mounts without a disk": {
    tree: { nodev: { "/t": { fsType: "tmpfs", ...hooks } } },
    names: { "nodev./t": "/t" },
  },
};

for (const [title, { tree, names }] of Object.entries(cases)) {
  test(`${title}: $name is the node's own name, else its key, else that of what it fills`, (t) => {
    const found = new Map<string, string>();
    const { create, mount, unmount } = stepsOf(tree);
    for (const one of [...create, ...mount, ...unmount]) {
      if (one.kind !== "hook") continue;
      const name = one.variables["name"];
      t.true(name === (found.get(one.path) ?? name), `${one.title}: ${String(name)}`);
      found.set(one.path, String(name));
    }
    t.deepEqual(Object.fromEntries([...found].toSorted()), names);
  });
}
