import { createHash } from "node:crypto";
import type { ClosureFacts, InspectFacts, PartitionFacts, StorePathFacts } from "../../src/inspect/facts.ts";
import { withReasons } from "../../src/inspect/closure.ts";
import { GiB, KiB, MiB } from "../../src/base/units.ts";

const noContent = { type: null, label: null, uuid: null, freeBytes: null, names: null, faults: [] };

/** A disk with everything that a page can show of one, and names that would like to be more than text. */
export function sampleFacts(closure: ClosureFacts | null): InspectFacts {
  const partitions = [
    partition(1, MiB, MiB, { purpose: "BIOS boot" }),
    partition(2, 8 * MiB, 248 * MiB, { purpose: "EFI system", content: { ...noContent, type: "vfat", label: "ESP" } }),
    partition(3, 256 * MiB, 3 * GiB, {
      purpose: "Linux",
      content: { ...noContent, type: "ext4", label: hostile, freeBytes: GiB, names: 12, faults: [hostile] },
    }),
  ];
  const gaps = [{ offset: 256 * MiB + 3 * GiB, size: 4 * GiB - 256 * MiB - 3 * GiB }];
  const disk = { name: `${hostile}.img`, format: "qcow2", size: 4 * GiB, storedBytes: GiB, sectorSize: 512 };
  const entry = { source: "loader/entries/a.conf", kernel: hostile, initrd: [], options: hostile, missing: [hostile] };
  return {
    version: 1,
    disks: [{ ...disk, table: { kind: "gpt", id: "0" }, partitions, gaps, faults: [] }],
    boot: { firmware: ["efi"], loaders: [], entries: [{ ...entry, title: hostile, isDefault: true }] },
    grows: { partition: { how: "growpart", reason: hostile }, filesystem: { how: null, reason: hostile } },
    closure,
    build: { name: hostile },
  };
}

/** Ends the element that the data stand in, if it can, and says on the console that it could. */
export const hostile = `</script><img src="http://192.0.2.1/" onerror="console.error(1)"><script>console.error(2)</script>`;

function partition(number: number, offset: number, size: number, more: Partial<PartitionFacts>): PartitionFacts {
  const sectors = { first: offset / 512, last: (offset + size) / 512 - 1 };
  return { number, ...sectors, offset, size, name: "", type: "", purpose: "", guid: "", content: noContent, ...more };
}

/** A closure as large systems have them: a few huge paths, many tiny ones, each referring to some that came before. */
export function largeClosure(count: number): ClosureFacts {
  const random = pseudoRandom();
  const draft = Array.from({ length: count }, (_, index) => {
    const size = Math.round(KiB / (random() ** 1.6 + 1e-5));
    const references = Array.from({ length: index === 0 ? 0 : 1 + Math.floor(random() * 6) }, () =>
      pathOf(Math.floor(index * random() ** 2)),
    );
    return { path: pathOf(index), size, references: [...new Set(references)] };
  });
  const referred = new Set(draft.flatMap(({ references }) => references));
  const system = {
    path: pathOf(count),
    size: 5000,
    references: draft.map(({ path }) => path).filter((path) => !referred.has(path)),
  };
  const roots = [{ name: "/nix/var/nix/profiles/system", path: system.path }];
  const paths: StorePathFacts[] = withReasons([...draft, system], roots);
  return { size: paths.reduce((sum, { size }) => sum + size, 0), roots, paths, unregistered: [], faults: [] };
}

function pathOf(index: number): string {
  const hash = createHash("md5").update(String(index)).digest("hex");
  return `/nix/store/${hash}-package-${index}-1.${index % 17}`;
}

/** The same numbers every time, from 0 to below 1. Source: Park, Miller, "Random number generators" (1988). */
function pseudoRandom(): () => number {
  let state = 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
