import { filesystemOf } from "../../src/filesystems/registry.ts";
import test from "ava";
import { identityFrom } from "../../src/base/identity.ts";
import type { MkimageError } from "../../src/base/errors.ts";
import { namesOf, swapNamesOf } from "../../src/layout/identity-of-filesystem.ts";

// What a filesystem is called: only what its program can be told is asked for, or claimed.

const identity = identityFrom("a seed");
const uuid = "6d6b696d-6167-4574-8f6f-6c626f780001";
const node = (names: { readonly label?: string; readonly uuid?: string; readonly extraArgs?: readonly string[] }) => ({
  label: null,
  uuid: null,
  extraArgs: [],
  ...names,
});
const namesIn = (format: string, names: Parameters<typeof node>[0]) => namesOf(node(names), format, "x", identity);

for (const format of ["ext4", "vfat", "xfs", "btrfs", "f2fs"])
  test(`${format}: a UUID that nobody gives follows from the seed`, (t) => {
    t.regex(namesIn(format, {}).uuid ?? "", format === "vfat" ? /^[0-9A-F]{4}-[0-9A-F]{4}$/ : /^[0-9a-f-]{36}$/);
    t.deepEqual(namesIn(format, {}), namesIn(format, {}));
  });

test("swap always has one", (t) => {
  t.regex(swapNamesOf(node({}), "x", identity).uuid, /^[0-9a-f-]{36}$/);
  t.is(swapNamesOf(node({ uuid }), "x", identity).uuid, uuid);
  t.is(swapNamesOf(node({ extraArgs: ["-U", uuid] }), "x", identity).uuid, uuid);
});

for (const format of ["exfat", "ntfs", "jfs"])
  test(`${format}: its program draws the UUID, so none is claimed, and one that is asked for is refused`, (t) => {
    t.is(namesIn(format, {}).uuid, null);
    t.is(namesIn(format, { extraArgs: ["-U", uuid] }).uuid, null, "whatever the program makes of its own arguments");
    const error = t.throws<MkimageError>(() => namesIn(format, { uuid }));
    t.is(error.code, "BAD_REQUEST");
    t.is(error.message, `x has the uuid ${uuid}, which mkfs.${format} cannot be told`);
    t.regex(error.hint ?? "", /leave uuid out[^]*; with uuid there are ext4, vfat, /);
  });

test("a label is refused where nothing is known of the program's arguments", (t) => {
  t.is(namesIn("exfat", { label: "data" }).label, "data");
  const error = t.throws<MkimageError>(() => namesIn("jfs", { label: "data" }));
  t.is(error.message, "x has the label data, which mkfs.jfs cannot be told");
});

const longest: readonly (readonly [format: string, most: number])[] = [
  ["ext4", 16],
  ["xfs", 12],
  ["btrfs", 255],
  ["vfat", 11],
  ["swap", 15],
  ["f2fs", 512],
];

for (const [format, most] of longest) {
  test(`a label of ${format} has up to ${most} bytes, be it an option or in the arguments of mkfs`, (t) => {
    const option = { label: "x".repeat(most), uuid: null, extraArgs: [] };
    t.is(namesOf(option, format, "x", identity).label, option.label);
    const longer = `${option.label}y`;
    const message = {
      message: new RegExp(`^x: the label "x+y" has ${most + 1} \\w+, and ${most} are the most with ${format}$`),
    };
    t.throws(() => namesOf({ ...option, label: longer }, format, "x", identity), message);
    const flag = filesystemOf(format).mkfs?.label.names[0] ?? "";
    t.throws(() => namesOf({ label: null, uuid: null, extraArgs: [flag, longer] }, format, "x", identity), message);
  });
}
