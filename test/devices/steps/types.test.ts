import test from "ava";
import { commandsOf, fixtureSteps, stepsOf } from "../../steps/fixtures.ts";
import { mapperPath, partitionLabelPath, partitionPath } from "../../../src/layout/partition-path.ts";
import { identityFrom } from "../../../src/base/identity.ts";

// What each type's steps are: the command lines of disko, made safe to quote and to run again.

/** The commands that make and mount content on a disk of its own, without those that every tree has. */
function on(content: object, rest: object = {}) {
  const { create, mount, unmount } = stepsOf({ disk: { d: { device: "/dev/sdd", content } }, ...rest });
  return { create: commandsOf(create), mount: commandsOf(mount), unmount: commandsOf(unmount) };
}

test("filesystem", (t) => {
  const content = {
    type: "filesystem",
    format: "xfs",
    mountpoint: "/data",
    extraArgs: ["-m", "reflink=0"],
    mountOptions: ["noatime", "pquota"],
  };
  t.deepEqual(on(content), {
    create: ["mkfs.xfs -m reflink=0 /dev/sdd"],
    mount: ["mount -t xfs -o noatime,pquota,X-mount.mkdir /dev/sdd /mnt/data"],
    unmount: ["umount /mnt/data"],
  });
});

test("a filesystem that is mounted nowhere is only made", (t) => {
  t.deepEqual(on({ type: "filesystem", format: "vfat" }), { create: ["mkfs.vfat /dev/sdd"], mount: [], unmount: [] });
});

test("every tool that takes a UUID gets the tree's own or that of the user's arguments, else the seed's", (t) => {
  const uuid = "0A05EDFD-799a-8a00-9b39-bdd37e940141";
  const made = (node: object) => {
    const content = { type: "filesystem", format: "ext4", ...node };
    const { create } = stepsOf({ disk: { d: { device: "/dev/sdd", content } } }, { identity: identityFrom("s") });
    return commandsOf(create)[0] ?? "";
  };
  t.is(made({ uuid }), `mkfs.ext4 -U ${uuid} /dev/sdd`);
  t.regex(made({}), /^mkfs\.ext4 -U [0-9a-f-]{36} \/dev\/sdd$/);
  t.is(made({ extraArgs: [`-FU ${uuid}`] }), `mkfs.ext4 -FU ${uuid} /dev/sdd`);
  t.is(made({ uuid, extraArgs: [`-U${uuid.toLowerCase()}`] }), `mkfs.ext4 -U${uuid.toLowerCase()} /dev/sdd`);
  t.regex(made({ extraArgs: ["-U", "random"] }), /^mkfs\.ext4 -U random -U [0-9a-f-]{36} \/dev\/sdd$/);
  t.throws(() => made({ uuid, extraArgs: ["-U", "random"] }), {
    code: "BAD_REQUEST",
    message: /extraArgs say random$/,
  });
  t.throws(() => made({ label: "a", extraArgs: ["-L b"] }), {
    code: "BAD_REQUEST",
    message: /the label a, and its .* b$/,
  });
  t.regex(made({ format: "vfat", label: "EFI" }), /^mkfs\.vfat -n EFI -i [0-9A-F]{8} \/dev\/sdd$/);
  t.regex(made({ format: "xfs" }), /^mkfs\.xfs -m uuid=[0-9a-f-]{36} \/dev\/sdd$/);
  t.regex(made({ format: "f2fs", label: "x" }), /^mkfs\.f2fs -r -T 1 -l x -U [0-9a-f-]{36} \/dev\/sdd$/);
  t.is(made({ format: "minix" }), "mkfs.minix /dev/sdd");
});

test("swap", (t) => {
  t.deepEqual(
    on({ type: "swap", discardPolicy: "both", priority: 7, mountOptions: ["nofail"], extraArgs: ["-p", "4096"] }),
    {
      create: ["mkswap -p 4096 /dev/sdd"],
      mount: ["swapon --discard --priority=7 --options=nofail /dev/sdd"],
      unmount: ["swapoff /dev/sdd"],
    },
  );
  t.deepEqual(on({ type: "swap", discardPolicy: "pages" }).mount, ["swapon --discard=pages /dev/sdd"]);
  t.deepEqual(on({ type: "swap", randomEncryption: true }), { create: [], mount: [], unmount: [] });
});

test("gpt, where nothing is known of the disk", (t) => {
  const partitions = {
    root: { size: "100%" },
    boot: { size: "1MiB", type: "EF02", attributes: [2, 0] },
    esp: { size: "512M", type: "EF00", uuid: "97fd5997-d90b-4aa3-8d16-c1723aea73c0" },
    exact: { start: "34s", end: "2047s" },
    last: { end: "-10G", name: "named", priority: 8000 },
  };
  t.deepEqual(on({ type: "gpt", partitions }).create, [
    "sgdisk --clear /dev/sdd",
    "sgdisk --align-end --new=1:0:+1M --partition-guid=1:R --change-name=1:disk-d-boot --typecode=1:21686148-6449-6E6F-744E-656564454649 --attributes=1:set:0 --attributes=1:set:2 /dev/sdd",
    "sgdisk --align-end --new=2:0:+512M --partition-guid=2:97FD5997-D90B-4AA3-8D16-C1723AEA73C0 --change-name=2:disk-d-esp --typecode=2:C12A7328-F81F-11D2-BA4B-00A0C93EC93B /dev/sdd",
    "sgdisk --set-alignment=1 --align-end --new=3:34s:2047s --partition-guid=3:R --change-name=3:disk-d-exact --typecode=3:0FC63DAF-8483-4772-8E79-3D69D8477DE4 /dev/sdd",
    "sgdisk --align-end --new=4:0:-10G --partition-guid=4:R --change-name=4:disk-d-named --typecode=4:0FC63DAF-8483-4772-8E79-3D69D8477DE4 /dev/sdd",
    "sgdisk --align-end --new=5:0:-0 --partition-guid=5:R --change-name=5:disk-d-root --typecode=5:0FC63DAF-8483-4772-8E79-3D69D8477DE4 /dev/sdd",
    "partprobe /dev/sdd",
    "wait_for_udev",
    "clear_partitions /dev/sdd /dev/sdd1 /dev/sdd2 /dev/sdd3 /dev/sdd4 /dev/sdd5",
  ]);
});

test("gpt: a table of more than 128 partitions gets more entries before any is made", (t) => {
  const partitions = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, { size: "1M" }]));
  t.is(on({ type: "gpt", partitions: partitions(128) }).create[0], "sgdisk --clear /dev/sdd");
  const { create } = on({ type: "gpt", partitions: partitions(129) });
  t.is(create[0], "sgdisk --clear --resize-table=256 /dev/sdd");
  t.regex(create[129] ?? "", /^sgdisk --align-end --new=129:0:\+1M /);
});

test("gpt, where the disk is known: exactly the sectors of the layout", (t) => {
  const made = commandsOf(fixtureSteps("simple-efi").create, "sgdisk");
  t.regex(made[0] ?? "", /^sgdisk --clear --disk-guid=[0-9A-F-]{36} \/dev\/sda$/);
  t.deepEqual(
    made.slice(1).map((command) => command.split(" ").slice(1, 3)),
    [
      ["--set-alignment=1", "--new=1:2048:133119"],
      ["--set-alignment=1", "--new=2:133120:198655"],
      ["--set-alignment=1", "--new=3:198656:8386559"],
    ],
  );
});

test("a hybrid MBR: the protective entry first, or last", (t) => {
  const hybrid = { mbrPartitionType: "0x0C", mbrBootableFlag: true };
  const tree = (first: boolean) => ({
    type: "gpt",
    efiGptPartitionFirst: first,
    partitions: { a: { size: "1G", hybrid }, b: { size: "1G", hybrid: {} } },
  });
  const nested = "sfdisk --quiet --no-reread --no-tell-kernel --label-nested=dos";
  const made = (first: boolean) => on(tree(first)).create.filter((one) => /hybrid|nested/.test(one));
  t.deepEqual(made(true), [
    "sgdisk --hybrid=1:2 /dev/sdd",
    `${nested} --part-type /dev/sdd 2 0C`,
    `${nested} --activate /dev/sdd 2`,
  ]);
  t.deepEqual(made(false), [
    "sgdisk --hybrid=1:2:EE /dev/sdd",
    `${nested} --part-type /dev/sdd 1 0C`,
    `${nested} --activate /dev/sdd 1`,
  ]);
});

test("table", (t) => {
  const partitions = [
    { name: "my boot", start: "1MiB", end: "100MiB", "fs-type": "fat32", flags: ["esp"], bootable: true },
    { "part-type": "extended", start: "100MiB", "fs-type": "ext4" },
    { "part-type": "logical", start: "101MiB", content: { type: "swap" } },
  ];
  t.deepEqual(on({ type: "table", format: "msdos", partitions }).create, [
    "parted --script /dev/sdd -- mklabel msdos",
    "parted --script --align=optimal /dev/sdd -- mkpart primary fat32 1MiB 100MiB",
    "parted --script /dev/sdd -- set 1 boot on",
    "parted --script /dev/sdd -- set 1 esp on",
    "parted --script --align=optimal /dev/sdd -- mkpart extended 100MiB 100%",
    "parted --script --align=optimal /dev/sdd -- mkpart logical 101MiB 100%",
    "partprobe /dev/sdd",
    "wait_for_udev",
    "clear_partitions /dev/sdd /dev/sdd1 /dev/sdd5",
    "mkswap /dev/sdd5",
  ]);
  t.true(
    on({ type: "table", partitions: partitions.slice(0, 1) }).create[1]?.includes('mkpart "my boot" fat32 1MiB 100MiB'),
  );
});

test("luks: where the key comes from", (t) => {
  const made = (node: object) => on({ type: "luks", name: "c", ...node }).create;
  t.deepEqual(
    made({ settings: { keyFile: "/k", keyFileSize: 64, keyFileOffset: 8 }, askPassword: true, passwordFile: "/p" }),
    [
      "cryptsetup --batch-mode luksFormat --key-file=/k --keyfile-size=64 --keyfile-offset=8 /dev/sdd",
      "cryptsetup open --persistent --key-file=/k --keyfile-size=64 --keyfile-offset=8 /dev/sdd c",
    ],
  );
  t.deepEqual(
    made({ passwordFile: "/p", keyFile: "/k" })[0],
    "cryptsetup --batch-mode luksFormat --key-file=- /dev/sdd",
  );
  t.deepEqual(made({ keyFile: "/k" })[0], "cryptsetup --batch-mode luksFormat --key-file=/k /dev/sdd");
  t.deepEqual(inputsOf({}), ["asked", "asked"]);
  t.deepEqual(inputsOf({ passwordFile: "/p", askPassword: true }), ["asked", "asked"]);
  t.deepEqual(inputsOf({ passwordFile: "/p" }), ["file", "file"]);
  t.deepEqual(inputsOf({ keyFile: "/k" }), [undefined, undefined]);
});

function inputsOf(node: object): (string | undefined)[] {
  const { create } = stepsOf({ disk: { d: { device: "/dev/sdd", content: { type: "luks", name: "c", ...node } } } });
  return create.flatMap((one) => (one.kind === "commands" ? one.commands.map(({ input }) => input?.kind) : []));
}

test("luks: options and contents", (t) => {
  const content = {
    type: "luks",
    name: "c",
    settings: { keyFile: "/k", allowDiscards: true, bypassWorkqueues: true },
    additionalKeyFiles: ["/more"],
    extraFormatArgs: ["--type luks1"],
    extraOpenArgs: ["--timeout 10"],
    content: { type: "filesystem", format: "ext4", mountpoint: "/" },
  };
  t.deepEqual(on(content), {
    create: [
      "cryptsetup --batch-mode luksFormat --key-file=/k --type luks1 /dev/sdd",
      "cryptsetup --batch-mode luksAddKey --key-file=/k /dev/sdd /more",
      "cryptsetup open --allow-discards --perf-no_read_workqueue --perf-no_write_workqueue --timeout 10 --key-file=/k /dev/sdd c",
      "mkfs.ext4 /dev/mapper/c",
    ],
    mount: [
      "cryptsetup open --allow-discards --perf-no_read_workqueue --perf-no_write_workqueue --timeout 10 --key-file=/k /dev/sdd c",
      "mount -t ext4 -o defaults,X-mount.mkdir /dev/mapper/c /mnt",
    ],
    unmount: ["umount /mnt", "cryptsetup close c"],
  });
});

test("lvm: pools first, sizes of 100% last, shares of what is free", (t) => {
  const lvs = {
    all: { size: "100%" },
    b: { size: "50%VG", lvm_type: "raid1" },
    a: { size: "1GiB", extraArgs: ["--wipesignatures y"] },
    thin: { size: "2G", lvm_type: "thinlv", pool: "pool" },
    pool: { size: "5G", lvm_type: "thin-pool" },
    half: { size: "50%" },
  };
  t.deepEqual(on({ type: "lvm_pv", vg: "vg" }, { lvm_vg: { vg: { lvs } } }).create, [
    "pvcreate --yes /dev/sdd",
    "vgcreate --yes vg /dev/sdd",
    "lvcreate --yes --name pool --type=thin-pool --size 5G vg",
    "lvcreate --yes --name a --size 1G --wipesignatures y vg",
    "lvcreate --yes --name b --type=raid1 --extents 50%VG vg",
    "lvcreate --yes --name half --extents 50%FREE vg",
    "lvcreate --yes --name thin --type=thin --thinpool=pool --virtualsize 2G vg",
    "lvcreate --yes --name all --extents 100%FREE vg",
    "vgchange --activate y --activationmode degraded --ignoremonitoring vg",
    "wait_for_udev",
  ]);
});

test("lvm takes no names that it would read otherwise", (t) => {
  for (const name of ["-v", "a b", "..", "ü"])
    t.throws(() => stepsOf({ lvm_vg: { [name]: {} } }), { message: /LVM takes no name/ });
});

test("mdadm: assembled before it is made anew, and the new one is empty", (t) => {
  const rest = {
    mdadm: {
      r: {
        level: 5,
        metadata: "1.2",
        extraArgs: ["--assume-clean"],
        content: { type: "filesystem", format: "ext4", mountpoint: "/" },
      },
    },
  };
  t.deepEqual(on({ type: "mdraid", name: "r" }, rest), {
    create: [
      "with_own assemble_array /dev/md/r",
      "wait_for_udev",
      "wait_for_node /dev/md/r",
      "mdadm --create /dev/md/r --level=5 --raid-devices=1 --metadata=1.2 --force --run --homehost=any --assume-clean /dev/sdd",
      "wait_for_udev",
      "wait_for_node /dev/md/r",
      "wipefs --all --quiet /dev/md/r",
      "mark_cleared /dev/md/r",
      "wait_for_udev",
      "mkfs.ext4 /dev/md/r",
    ],
    mount: [
      "with_own assemble_array /dev/md/r",
      "wait_for_udev",
      "wait_for_node /dev/md/r",
      "mount -t ext4 -o defaults,X-mount.mkdir /dev/md/r /mnt",
    ],
    unmount: ["umount /mnt", "stop_array /dev/md/r"],
  });
});

test("mdadm: what the partitions of an array hold is wiped before it is stopped for good, and they have links", (t) => {
  const partitions = { root: { size: "100%", content: { type: "filesystem", format: "ext4", mountpoint: "/" } } };
  const { create, unmount, destroy } = stepsOf({
    disk: { d: { device: "/dev/sdd", content: { type: "mdraid", name: "r" } } },
    mdadm: { r: { level: 1, content: { type: "gpt", partitions } } },
  });
  t.true(commandsOf(create).includes("link_partitions /dev/md/r"));
  t.deepEqual(commandsOf(unmount), ["umount /mnt", "stop_array /dev/md/r"]);
  t.deepEqual(commandsOf(destroy), [
    "umount /mnt",
    "wipe_disk /dev/md/r",
    "stop_array /dev/md/r",
    "with_own dissolve_array",
    "wipe_disk /dev/sdd",
    "partprobe /dev/sdd",
    "wait_for_udev",
  ]);
});

test("btrfs: subvolumes, and swap files that are switched on where they are mounted", (t) => {
  const content = {
    type: "btrfs",
    extraArgs: ["-d raid1", "/dev/mapper/other"],
    subvolumes: {
      "/nix": { mountpoint: "/nix", mountOptions: ["noatime"] },
      "/a/b": { swap: { s: { size: "1GiB" } } },
      sw: { mountpoint: "/.swap", swap: { f: { size: "2G", path: "x/y", priority: 1 } } },
    },
  };
  const scratch = "/run/mkimage/scratch";
  t.deepEqual(on(content), {
    create: [
      "mkfs.btrfs -d raid1 /dev/mapper/other /dev/sdd",
      "btrfs device scan",
      `mkdir -p ${scratch}`,
      `mount_own -t btrfs -o subvol=/ ${scratch}`,
      `mkdir -p ${scratch}/a`,
      `btrfs subvolume create ${scratch}/a/b`,
      `mkdir -p ${scratch}/a/b`,
      `btrfs filesystem mkswapfile --size 1G ${scratch}/a/b/s`,
      `mkdir -p ${scratch}`,
      `btrfs subvolume create ${scratch}/nix`,
      `mkdir -p ${scratch}`,
      `btrfs subvolume create ${scratch}/sw`,
      `mkdir -p ${scratch}/sw/x`,
      `btrfs filesystem mkswapfile --size 2G ${scratch}/sw/x/y`,
      `umount ${scratch}`,
    ],
    mount: [
      "btrfs device scan",
      "mount_own -t btrfs -o defaults,subvol=sw,X-mount.mkdir /mnt/.swap",
      "mount_own -t btrfs -o noatime,subvol=/nix,X-mount.mkdir /mnt/nix",
      "swapon --priority=1 /mnt/.swap/x/y",
    ],
    unmount: ["swapoff /mnt/.swap/x/y", "umount /mnt/nix", "umount /mnt/.swap"],
  });
});

test("nodev: the source of a bind mount is below the root", (t) => {
  const { mount } = stepsOf({
    nodev: {
      "/": { fsType: "tmpfs", mountOptions: ["size=1G"] },
      "/log": { fsType: "none", device: "/nix/log", mountOptions: ["bind"] },
    },
  });
  t.deepEqual(commandsOf(mount), [
    "mount -t tmpfs -o size=1G,X-mount.mkdir tmpfs /mnt",
    "mount -t none -o bind,X-mount.mkdir /mnt/nix/log /mnt/log",
  ]);
});

test("the devices of partitions", (t) => {
  t.is(partitionPath("/dev/sda", 3), "/dev/sda3");
  t.is(partitionPath("/dev/nvme0n1", 3), "/dev/nvme0n1p3");
  t.is(partitionPath("/dev/md/a", 1), "/dev/md/a1");
  t.is(partitionPath("/dev/disk/by-id/ata-X_1", 12), "/dev/disk/by-id/ata-X_1-part12");
  t.is(partitionLabelPath("disk-a b/'ü"), "/dev/disk/by-partlabel/disk-a\\x20b/\\x27ü");
});

test("the node of a container has a name that udev takes, whatever the container is called", (t) => {
  t.is(mapperPath("crypted-1.x"), "/dev/mapper/crypted-1.x");
  t.is(mapperPath("it's ü"), "/dev/mapper/it\\x27s\\x20\\xc3\\xbc");
});

test("what an evaluated tree repeats is no device of its own", (t) => {
  const device = "/dev/disk/by-partlabel/disk-d-root";
  const content = { type: "filesystem", format: "ext4", mountpoint: "/" };
  const made = (inner: object, partition: object = {}) =>
    stepsOf(
      {
        disk: {
          d: {
            device: "/dev/sdd",
            content: {
              type: "gpt",
              device: "/dev/sdd",
              partitions: { root: { size: "100%", ...partition, content: { ...content, ...inner } } },
            },
          },
        },
      },
      { devices: { d: "/dev/loop3" } },
    );
  t.deepEqual(commandsOf(made({ device }, { device }).create, "mkfs.ext4"), ["mkfs.ext4 /dev/loop3p1"]);
  t.deepEqual(commandsOf(made({ device: "/dev/other" }).create, "mkfs.ext4"), ["mkfs.ext4 /dev/other"]);
});

test("a partition whose node names another device is no part of a disk that was wiped", (t) => {
  const partitions = {
    here: { content: { type: "filesystem", format: "ext4" }, size: "1G" },
    elsewhere: { device: "/dev/sde1", content: { type: "filesystem", format: "ext4" } },
  };
  const { create } = on({ type: "gpt", partitions });
  const cleared = create.filter((line) => line.startsWith("clear_partitions"));
  t.is(cleared.length, 1);
  t.true(cleared[0]?.startsWith("clear_partitions /dev/sdd /dev/sdd"));
  t.false(cleared[0]?.includes("/dev/sde1"));
});
