import { readFileSync } from "node:fs";
import test from "ava";
import { deviceManual } from "../../../src/devices/schema/manual.ts";

const manual = deviceManual();

test("docs/devices.md is what the schema generates now; `make docs` writes it", (t) => {
  t.is(readFileSync(new URL("../../../docs/devices.md", import.meta.url), "utf8"), manual);
});

test("every type of disko has a section", (t) => {
  const types =
    "disk gpt table filesystem swap luks lvm_pv lvm_vg mdraid mdadm btrfs bcachefs bcachefs_filesystem zfs zpool zfs_fs zfs_volume nodev";
  for (const type of types.split(" ")) t.true(manual.includes(`\n## ${type}\n`), type);
});

test("every option has a type, a default and a meaning", (t) => {
  const rows = manual.split("\n").filter((line) => line.startsWith("| `"));
  t.true(rows.length > 150);
  for (const row of rows) {
    for (const cell of row.split(" | ")) t.true(cell.replaceAll("|", "").trim().length > 0, row);
  }
});

test("every link leads to a section", (t) => {
  const anchors = new Set([...manual.matchAll(/^## (.*)$/gm)].map((match) => match[1]?.replaceAll(" ", "-")));
  const links = [...manual.matchAll(/\]\(#([^)]*)\)/g)].map((match) => match[1]);
  t.true(links.length > 50);
  for (const link of links) t.true(anchors.has(link), link);
});
