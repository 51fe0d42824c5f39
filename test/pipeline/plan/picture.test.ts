import { stripVTControlCharacters } from "node:util";
import test from "ava";
import type { PictureStyle } from "../../../src/pipeline/plan/picture/cell.ts";
import { pictureOfDisk, picturesOfGroups } from "../../../src/pipeline/plan/picture/cells.ts";
import { drawPicture } from "../../../src/pipeline/plan/picture/draw.ts";
import { sharesOf } from "../../../src/pipeline/plan/picture/shares.ts";
import { fitted, textWidth } from "../../../src/pipeline/plan/picture/text-width.ts";
import { pictureStyle } from "../../../src/cli/picture-style.ts";
import { ext4, solveTree } from "../../devices/layout/solve-tree.ts";
import { fixture, fixtureNames, knownSetting } from "../../steps/fixtures.ts";

const narrow: PictureStyle = { width: 50, characters: "unicode", colours: false };

/** Every picture of a tree, a line after the other. */
function pictures(tree: object, style = narrow): string {
  const layout = solveTree(tree);
  const all = [...layout.disks.map((disk) => pictureOfDisk(disk, layout)), ...picturesOfGroups(layout)];
  return all.flatMap((picture) => drawPicture(picture, style)).join("\n");
}

const gpt = (partitions: object) => ({ type: "gpt", partitions });
const main = (content: object, imageSize = "1G") => ({ disk: { main: { imageSize, content } } });
const esp = {
  size: "64M",
  type: "EF00",
  content: { type: "filesystem", format: "vfat", label: "ESP", mountpoint: "/boot" },
};

test("partitions to scale, each wide enough to be read, and free space where there is some", (t) => {
  const tree = main(gpt({ esp, root: { size: "500M", content: ext4("/") } }));
  t.is(
    pictures(tree),
    `main, 1 GiB
┌──────────┬───────────────────┬─────────────────┐
│ esp      │ root              │ free            │
│ 64 MiB   │ 500 MiB           │ 459 MiB         │
│ vfat ESP │ ext4              │                 │
│ /boot    │ /                 │                 │
└──────────┴───────────────────┴─────────────────┘`,
  );
});

test("containers are drawn around what lies in them", (t) => {
  const luks = { type: "luks", name: "crypt", content: { type: "lvm_pv", vg: "pool" } };
  const lvs = { root: { size: "100%", content: ext4("/") }, swap: { size: "128M", content: { type: "swap" } } };
  const tree = { ...main(gpt({ esp, secret: { size: "100%", content: luks } })), lvm_vg: { pool: { lvs } } };
  t.is(
    pictures(tree),
    `main, 1 GiB
┌──────────┬─────────────────────────────────────┐
│ esp      │ secret                              │
│ 64 MiB   │ 958 MiB                             │
│ vfat ESP │ LUKS crypt                          │
│ /boot    │ ┌─────────────────────────────────┐ │
│          │ │ LVM pool                        │ │
│          │ │ ┌─────────┬───────────────────┐ │ │
│          │ │ │ swap    │ root              │ │ │
│          │ │ │ 128 MiB │ 812 MiB           │ │ │
│          │ │ │ swap    │ ext4              │ │ │
│          │ │ │         │ /                 │ │ │
│          │ │ └─────────┴───────────────────┘ │ │
│          │ └─────────────────────────────────┘ │
└──────────┴─────────────────────────────────────┘`,
  );
});

test("what is made of several devices has a picture of its own", (t) => {
  const member = {
    imageSize: "128M",
    content: gpt({ md: { size: "100%", content: { type: "mdraid", name: "data" } } }),
  };
  const tree = { disk: { one: member, two: member }, mdadm: { data: { level: 1, content: ext4("/") } } };
  t.is(
    pictures(tree, { ...narrow, width: 40, characters: "ascii" }),
    `one, 128 MiB
+--------------------------------------+
| md                                   |
| 126 MiB                              |
| RAID 1 data                          |
+--------------------------------------+
two, 128 MiB
+--------------------------------------+
| md                                   |
| 126 MiB                              |
| RAID 1 data                          |
+--------------------------------------+
RAID 1 data, 125 MiB, on disk.one.md, disk.two.md
+--------------------------------------+
| ext4                                 |
| /                                    |
+--------------------------------------+`,
  );
});

test("an extended partition holds the logical ones; subvolumes are listed, the first of them first", (t) => {
  const subvolumes = { b: { mountpoint: "/home" }, a: { mountpoint: "/" } };
  const partitions = [
    { start: "1MiB", end: "64MiB", content: { type: "swap" } },
    { "part-type": "extended", start: "64MiB" },
    { "part-type": "logical", start: "66MiB", content: { type: "btrfs", subvolumes } },
  ];
  t.is(
    pictures(main({ type: "table", format: "msdos", partitions }), { ...narrow, width: 40 }),
    `main, 1 GiB
┌────────┬─────────────────────────────┐
│ 1      │ 2                           │
│ 63 MiB │ 960 MiB                     │
│ swap   │ extended                    │
│        │ ┌─────────────────────────┐ │
│        │ │ 5                       │ │
│        │ │ 958 MiB                 │ │
│        │ │ btrfs                   │ │
│        │ │ /                       │ │
│        │ │ /home                   │ │
│        │ └─────────────────────────┘ │
└────────┴─────────────────────────────┘`,
  );
});

test("more partitions than a row has room for are shown in several, each of its full width", (t) => {
  for (const count of [60, 80, 255]) {
    const partitions = Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`p${index}`, { size: "1M", content: ext4(`/m/${index}`) }]),
    );
    const lines = pictures(main(gpt(partitions)), { ...narrow, width: 80 })
      .split("\n")
      .slice(1);
    t.deepEqual([...new Set(lines.map(textWidth))], [80]);
    for (let index = 0; index < count; index += 1)
      t.true(
        lines.some((line) => line.includes(` p${index} `)),
        `p${index}`,
      );
  }
});

test("where there is no room for boxes, names have to do, and long ones are cut off", (t) => {
  const luks = (name: string) => ({ size: "100M", content: { type: "luks", name, content: ext4(`/${name}`) } });
  const tree = main(gpt({ one: luks("one"), two: luks("the second"), three: luks("three") }));
  const lines = pictures(tree, { ...narrow, width: 40 }).split("\n");
  t.is(lines[4], "│ LUKS … │ LUKS t… │ LUKS the… │       │");
  t.is(lines[5], "│ ext4   │ ext4    │ ext4      │       │");
});

test("every line is as wide as asked for, whatever the names are", (t) => {
  for (const name of fixtureNames) {
    const { layout } = knownSetting(fixture(name));
    if (layout === undefined) return t.fail();
    for (const width of [40, 80, 133]) {
      const all = [...layout.disks.map((disk) => pictureOfDisk(disk, layout)), ...picturesOfGroups(layout)];
      const lines = all.flatMap((picture) => drawPicture(picture, { ...narrow, width }).slice(1));
      t.deepEqual([...new Set(lines.map(textWidth))], [width], name);
    }
  }
});

test("ASCII is all that is written where there is nothing else, and no name gives orders to the terminal", (t) => {
  const content = { ...ext4("/"), label: "ü\u001b[2J" };
  const ascii = pictures(main(content), { ...narrow, characters: "ascii" });
  t.regex(ascii, /^[ -~\n]+$/);
  t.true(ascii.includes("ext4 ??[2J"));
  t.true(pictures(main(content)).includes("ext4 ü?[2J"));
});

test("colours are around the texts alone, and change no width", (t) => {
  const tree = main(gpt({ esp, swap: { size: "100%", content: { type: "swap" } } }));
  const colourful = pictures(tree, { ...narrow, colours: true });
  t.true(colourful.includes("│ \u001b[36mvfat ESP\u001b[0m │ \u001b[33mswap "));
  t.is(stripVTControlCharacters(colourful), pictures(tree));
});

test("shares are to scale, with what everyone needs, and their sum is the width", (t) => {
  const shares = (...claims: [weight: number, least: number][]) =>
    sharesOf(
      claims.map(([weight, least]) => ({ weight, least })),
      100,
    );
  t.deepEqual(shares([1, 5], [3, 5]), [25, 75]);
  t.deepEqual(shares([1, 10], [999, 10]), [10, 90]);
  t.deepEqual(shares([1, 10], [1, 10], [1, 10]), [34, 33, 33]);
  t.deepEqual(
    shares([0, 10], [0, 20]).reduce((sum, share) => sum + share),
    100,
  );
  t.deepEqual(shares([9, 100], [1, 100]), [50, 50]);
});

test("widths of wide characters and of marks", (t) => {
  t.is(textWidth("根目录"), 6);
  t.is(textWidth("u\u0308"), 1);
  t.is(fitted("根目录", 4, "…"), "根… ");
  t.is(fitted("root", 2, "…"), "r…");
});

test("the style follows the terminal and the environment", (t) => {
  const terminal = { isTTY: true, columns: 120 };
  t.deepEqual(pictureStyle({ LANG: "de_DE.UTF-8" }, terminal), { width: 120, characters: "unicode", colours: true });
  t.deepEqual(pictureStyle({ LANG: "de_DE.UTF-8", NO_COLOR: "1" }, {}), {
    width: 80,
    characters: "unicode",
    colours: false,
  });
  t.like(pictureStyle({ LANG: "C.UTF-8", LC_ALL: "C" }, terminal), { characters: "ascii" });
  t.like(pictureStyle({ LANG: "C.UTF-8", TERM: "dumb" }, terminal), { characters: "ascii", colours: false });
  t.like(pictureStyle({ NO_COLOR: "1" }, terminal), { colours: false });
  t.is(pictureStyle({}, { isTTY: true, columns: 7 }).width, 40);
  t.is(pictureStyle({}, { isTTY: true, columns: 500 }).width, 160);
});
