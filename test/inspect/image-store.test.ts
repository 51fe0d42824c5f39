import test from "ava";
import { imageStore } from "../../src/inspect/image-store.ts";
import { findStore, type FoundStore } from "../../src/inspect/nix-store.ts";
import { growthOf } from "../../src/inspect/system-growth.ts";
import type { DirectoryInode } from "../../src/manifest/inode.ts";
import { file, folder, symlink } from "../filesystems/ext4/trees.ts";

const name = "00000000000000000000000000000000-system";
const etc = "11111111111111111111111111111111-etc";

/** The folder /nix: a system whose `etc` is a link into the store, as NixOS makes it. */
function nix(profiles: DirectoryInode): DirectoryInode {
  const wanted = folder({ "growpart.service": symlink("/dev/null") });
  const fstab = file("/dev/vda2 / ext4 x-systemd.growfs 0 1\n");
  return folder({
    store: folder({
      [name]: folder({ etc: symlink(`/nix/store/${etc}/etc`) }),
      [etc]: folder({ etc: folder({ fstab, systemd: folder({ system: folder({ "basic.target.wants": wanted }) }) }) }),
    }),
    var: folder({ nix: folder({ profiles }) }),
  });
}

const profiles = folder({ system: symlink("system-1-link"), "system-1-link": symlink(`/nix/store/${name}`) });

function storeOf(root: DirectoryInode): FoundStore {
  return findStore(root) as FoundStore;
}

test("links of a system lead through the image, wherever its store is mounted", (t) => {
  for (const root of [folder({ nix: nix(profiles) }), nix(profiles)]) {
    const store = imageStore(storeOf(root));
    const path = `/nix/store/${name}/etc/fstab`;
    t.regex(store.read(path)?.toString() ?? "", /growfs/);
    t.deepEqual(store.locate(path), { path: `/nix/store/${etc}/etc/fstab`, size: 38 });
    t.deepEqual(store.list(`/nix/store/${name}/etc`), ["fstab", "systemd"]);
    t.is(store.read(`/nix/store/${name}/etc/passwd`), undefined);
    t.is(store.read("/etc/passwd"), undefined, "not this machine's");
    t.deepEqual(store.list("/nix/store/nothing"), []);
  }
});

test("the system that the profile names is looked at", async (t) => {
  const growth = await growthOf(storeOf(nix(profiles)), [], undefined);
  t.like(growth, { partition: { how: "growpart" }, filesystem: { how: "growfs" } });
});

test("without a profile it is the system that is booted", async (t) => {
  const store = storeOf(nix(folder({})));
  const entry = { title: "", source: "", kernel: null, initrd: [], missing: [] };
  const options = `quiet init=/nix/store/${name}/init loglevel=4`;
  const entries = [
    { ...entry, isDefault: false, options: "init=/bin/sh" },
    { ...entry, isDefault: true, options },
  ];
  t.is((await growthOf(store, entries, undefined))?.partition.how, "growpart");
  t.is(await growthOf(store, [], undefined), null, "and where nothing is booted none");
});
