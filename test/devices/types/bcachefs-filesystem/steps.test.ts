import test from "ava";
import { MkimageError } from "../../../../src/base/errors.ts";
import { commandsOf, fixtureSteps, stepsOf } from "../../../steps/fixtures.ts";

// bcachefs has its tools in no suite of Debian: its command lines and rules are held against its manual.

test("one filesystem on all members, mounted by its UUID", (t) => {
  const { create, mount } = fixtureSteps("bcachefs");
  const [format] = commandsOf(create, "bcachefs");
  t.regex(
    format ?? "",
    /^bcachefs format --uuid=[0-9a-f-]{36} --encrypted --compression=lz4 --label=group\.b \/dev\/vdb --discard --label=group\.a \/dev\/vda$/,
  );
  t.true(
    commandsOf(mount, "mount")[0]?.startsWith(
      "mount -t bcachefs -o verbose,X-mount.subdir=subvolumes/root,X-mount.mkdir /dev/disk/by-uuid/",
    ),
  );
});

/** A filesystem on `/dev/a`, `/dev/b`, …, with these members. */
function formatted(...members: readonly object[]): string {
  const disk = Object.fromEntries(
    members.map((member, index) => {
      const device = `/dev/${String.fromCodePoint(97 + index)}`;
      return [device, { device, content: { type: "bcachefs", filesystem: "p", ...member } }];
    }),
  );
  const { create } = stepsOf({ disk, bcachefs_filesystems: { p: {} } });
  return commandsOf(create, "bcachefs")[0]?.replace(/^bcachefs format --uuid=\S+ /, "") ?? "";
}

test("a member without a label, or without an option, never gets that of another one", (t) => {
  t.is(formatted({ label: "fast" }, {}), "/dev/b --label=fast /dev/a");
  t.is(formatted({ label: "a.1" }, { label: "a.2" }), "--label=a.1 /dev/a --label=a.2 /dev/b");
  t.is(
    formatted({ label: "ssd", extraFormatArgs: ["--discard"] }, { label: "hdd" }, { label: "old" }),
    "--label=hdd /dev/b --label=old /dev/c --discard --label=ssd /dev/a",
  );
  t.is(
    formatted({ extraFormatArgs: ["--durability=2"] }, { extraFormatArgs: ["--durability 1"] }),
    "--durability=2 /dev/a --durability 1 /dev/b",
  );
});

test("where no order gives each member its own options alone, it is refused", (t) => {
  const error = t.throws<MkimageError>(() => formatted({ label: "ssd" }, { extraFormatArgs: ["--discard"] }));
  t.is(error.code, "BAD_REQUEST");
  t.is(error.message, "bcachefs_filesystems.p: bcachefs would give --label of /dev/a to /dev/b as well");
  t.true(error.hint?.includes("say --label for both members"));
});

test("what is on several devices is found by its place, since the kernel names them all as its source", (t) => {
  const { mount, unmount } = fixtureSteps("bcachefs");
  const guards = [...mount, ...unmount].flatMap((one) =>
    one.kind === "commands" && /mount /.test(one.title) ? one.guards : [],
  );
  const found = (place: string) => ["findmnt", "--types=bcachefs", "--mountpoint", place];
  t.deepEqual(
    guards.map((guard) => ("argv" in guard ? guard.argv : [])),
    [found("/mnt"), found("/mnt/home"), found("/mnt/home"), found("/mnt")],
  );
});

test("the key goes to the session of whoever runs it, and is asked for only while the filesystem is closed", (t) => {
  const { mount } = fixtureSteps("bcachefs");
  const unlock = mount.find(({ title }) => title.startsWith("unlock"));
  t.deepEqual(commandsOf(unlock === undefined ? [] : [unlock]), ["bcachefs unlock -k session /dev/vda"]);
  const guards = unlock?.kind === "commands" ? unlock.guards : [];
  t.like(guards[0], { kind: "fails" });
  t.regex(
    guards[0] !== undefined && "argv" in guards[0] ? guards[0].argv.join(" ") : "",
    /^test -d \/sys\/fs\/bcachefs\/[0-9a-f-]{36}$/,
  );
});

test("hooks of subvolumes run around their making", (t) => {
  const subvolumes = { s: { preCreateHook: "echo before", postCreateHook: "echo after" } };
  const disk = { d: { device: "/dev/d", content: { type: "bcachefs", filesystem: "p" } } };
  const { create } = stepsOf({ disk, bcachefs_filesystems: { p: { subvolumes } } });
  const titles = create.map(({ title }) => title);
  const at = titles.indexOf("make subvolume s");
  t.deepEqual(titles.slice(at - 1, at + 2), [
    "preCreateHook of bcachefs_filesystems.p.subvolumes.s",
    "make subvolume s",
    "postCreateHook of bcachefs_filesystems.p.subvolumes.s",
  ]);
});

test("a filesystem is known by its UUID on any of its devices, and without one of them only where the tree says degraded", (t) => {
  const claim = (mountOptions: readonly string[]) => {
    const disk = { d: { device: "/dev/d", content: { type: "bcachefs", filesystem: "p" } } };
    const uuid = "97FD5997-d90b-4aa3-8d16-c1723aea73c0";
    const [look] = stepsOf({ disk, bcachefs_filesystems: { p: { uuid, mountOptions } } }).create;
    return look?.kind === "look" ? look.claims.find(({ thing }) => thing.includes("bcachefs")) : undefined;
  };
  t.like(claim([]), {
    own: { contents: ["bcachefs"], owner: { argv: ["uuid_of"], name: "97fd5997-d90b-4aa3-8d16-c1723aea73c0" } },
    incomplete: { kind: "refused" },
  });
  t.like(claim(["noatime,degraded"]), { incomplete: { kind: "used" } });
});
