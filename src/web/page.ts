import type { PageData } from "../inspect/page-data.ts";
import { bootSection } from "./boot-section.ts";
import { buildSection } from "./build-section.ts";
import { closureSection } from "./closure-section.ts";
import { diskSection } from "./disk-section.ts";
import { element } from "./dom.ts";
import { count, formatSize } from "./text.ts";

// Draws the page from the data that stand in it. Nothing is asked of anybody.

const data = JSON.parse(document.getElementById("data")?.textContent ?? "{}") as PageData;
document.body.append(page(data));

// Closed details would not be printed.
for (const [event, isOpen] of [
  ["beforeprint", true],
  ["afterprint", false],
] as const) {
  addEventListener(event, () => document.querySelectorAll("details").forEach((each) => (each.open = isOpen)));
}

function page(shown: PageData): HTMLElement {
  const { disks, closure, build } = shown;
  return element("main", {}, [
    element("header", { class: "title" }, [
      element("h1", { text: disks.map(({ name }) => name).join(", ") }),
      element("p", { text: summary(shown) }),
    ]),
    ...disks.map(diskSection),
    ...(closure === null ? [] : [closureSection(closure)]),
    bootSection(shown),
    ...buildSection(build),
  ]);
}

function summary({ disks, boot, closure }: PageData): string {
  const size = disks.reduce((sum, disk) => sum + disk.size, 0);
  const paths = closure === null ? [] : [count(closure.names.length, "store path")];
  const kinds = boot.firmware.map((kind) => (kind === "efi" ? "UEFI" : "BIOS")).join(" and ");
  return [
    `${count(disks.length, "disk")}, ${formatSize(size)}`,
    ...paths,
    kinds === "" ? "does not boot" : `boots under ${kinds}`,
  ].join(" · ");
}
