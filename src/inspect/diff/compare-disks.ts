import { isDeepStrictEqual } from "node:util";
import { diskFacts } from "../describe-disk.ts";
import type { PartitionFacts } from "../facts.ts";
import { closureOf } from "../inspect.ts";
import type { OpenOptions } from "../../image/reading/open-image.ts";
import type { ReadDisk, Volume } from "../read-disk.ts";
import { emptyDirectory } from "../../manifest/tree.ts";
import { Turns } from "../../image/turns.ts";
import { differences } from "./compare-bytes.ts";
import { ContentComparison } from "./compare-content.ts";
import { compareStores } from "./compare-stores.ts";
import { compareTrees } from "./compare-trees.ts";
import type { BytesDiff, Change, DiffFacts } from "./facts.ts";
import { Owners } from "./owner.ts";

/** Compares two disks: first their bytes, and where these differ, what is in them. */
export async function compareDisks(before: ReadDisk, after: ReadDisk, options: OpenOptions): Promise<DiffFacts> {
  const bytes = await compareBytes(before, after, options);
  if (bytes.first === null) return { version: 1, same: true, bytes, partitions: [], files: [], store: nothing };
  return {
    version: 1,
    same: false,
    bytes,
    partitions: comparePartitions(before, after),
    files: await compareVolumes(before, after, options.signal),
    store: compareStores(
      (await closureOf([before], options.signal))?.paths ?? [],
      (await closureOf([after], options.signal))?.paths ?? [],
    ),
  };
}

const nothing = { changes: [], sizes: [0, 0] } as const;
const mostOwners = 1000;

async function compareBytes(before: ReadDisk, after: ReadDisk, { reporter, signal }: OpenOptions): Promise<BytesDiff> {
  const sizes = [before.image.size, after.image.size] as const;
  const found: number[] = [];
  await reporter.task("comparing bytes", async ({ progress }) => {
    const offsets = differences(before.image.bytes, after.image.bytes, new Turns(signal), progress);
    for await (const offset of offsets) found.push(offset);
  });
  const [first] = found;
  if (first === undefined) return { sizes, first: null, blocks: 0, owners: [] };
  const [old, now] = [new Owners(before), new Owners(after)];
  const counts = new Map<string, number>();
  const turns = new Turns(signal);
  for (const offset of found) {
    if (turns.isOver) await turns.next();
    const name = offset < after.image.size ? now.nameAt(offset) : "what only the first has at its end";
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const owners = [...counts].map(([name, blocks]) => ({ name, blocks })).toSorted((a, b) => b.blocks - a.blocks);
  return {
    sizes,
    first: { offset: first, before: ownerAt(old, before, first), after: ownerAt(now, after, first) },
    blocks: found.length,
    owners: owners.slice(0, mostOwners),
  };
}

function ownerAt(owners: Owners, disk: ReadDisk, offset: number): string {
  return offset < disk.image.size ? owners.nameAt(offset) : `nothing: it ends at byte ${disk.image.size}`;
}

function comparePartitions(before: ReadDisk, after: ReadDisk): Change[] {
  const [old, now] = [diskFacts(before), diskFacts(after)];
  const table = isDeepStrictEqual(old.table, now.table) ? [] : [tableChange(old.table, now.table)];
  const find = (list: readonly PartitionFacts[], number: number | null) => list.find((each) => each.number === number);
  const numbers = new Set([...old.partitions, ...now.partitions].map(({ number }) => number));
  const partitions = [...numbers].flatMap((number) =>
    partitionChange(find(old.partitions, number), find(now.partitions, number)),
  );
  return [...table, ...partitions];
}

function tableChange(old: object | null, now: object | null): Change {
  const text = (table: object | null): string => (table === null ? "none" : Object.values(table).join(" "));
  return { kind: "changed", name: "the table", sizes: [null, null], what: [`${text(old)} → ${text(now)}`] };
}

function partitionChange(old: PartitionFacts | undefined, now: PartitionFacts | undefined): Change[] {
  const sizes = [old?.size ?? null, now?.size ?? null] as const;
  const name = `partition ${(now ?? old)?.number ?? "(the whole disk)"}`;
  if (old === undefined) return [{ kind: "added", name, sizes, what: [] }];
  if (now === undefined) return [{ kind: "removed", name, sizes, what: [] }];
  const [a, b] = [flat(old), flat(now)];
  const what = Object.keys(b).flatMap((key) => (a[key] === b[key] ? [] : [`${key} ${a[key]} → ${b[key]}`]));
  return what.length === 0 ? [] : [{ kind: "changed", name, sizes, what }];
}

function flat({ first, last, name, type, guid, content }: PartitionFacts): Record<string, string> {
  const { type: filesystem, label, uuid, freeBytes } = content;
  const facts = { first, last, name, type, guid, filesystem, label, uuid, free: freeBytes };
  return Object.fromEntries(Object.entries(facts).map(([key, value]) => [key, String(value ?? "none")]));
}

/** Filesystems belong together by their partition's number. */
async function compareVolumes(before: ReadDisk, after: ReadDisk, signal: AbortSignal | undefined): Promise<Change[]> {
  const key = ({ partition }: Volume): number => partition?.number ?? 0;
  const contents = new ContentComparison(new Turns(signal), [before.image.bytes, after.image.bytes]);
  const changes: Change[] = [];
  for (const number of new Set([...before.volumes, ...after.volumes].map(key))) {
    const root = (list: readonly Volume[]) => list.find((each) => key(each) === number)?.filesystem?.root ?? empty;
    const where = number === 0 ? "" : `, partition ${number}`;
    const found = await compareTrees(root(before.volumes), root(after.volumes), contents);
    for (const change of found) changes.push({ ...change, name: `${change.name}${where}` });
  }
  return changes;
}

const empty = emptyDirectory({ mode: 0, uid: 0, gid: 0, mtime: { seconds: 0, nanoseconds: 0 } });
