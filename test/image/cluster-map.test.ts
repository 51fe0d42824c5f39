import test from "ava";
import { MiB } from "../../src/base/units.ts";
import { ClusterMap } from "../../src/image/qcow2/read/cluster-map.ts";
import { mostRuns } from "../../src/image/runs.ts";
import { Turns } from "../../src/image/turns.ts";
import { words } from "./qcow2-file.ts";

const clusterSize = 512;
const perTable = clusterSize / 8;
const dataAt = 256 * MiB;

interface Shape {
  readonly clusters: number;
  /** The place among the clusters of the file, by that on the disk. */
  readonly placeOf: (cluster: number) => number;
  readonly onRead?: () => void;
}

/** A qcow2 of clusters of 512 bytes, whose tables are made when they are read. */
async function mapOf({ clusters, placeOf, onRead = () => {} }: Shape): Promise<ClusterMap> {
  const tables = Math.ceil(clusters / perTable);
  const size = clusters * clusterSize;
  const header = {
    clusterBits: 9,
    size,
    l1Offset: 0,
    l1Entries: tables,
    compression: "zlib",
    knowsZeros: true,
  } as const;
  const read = (position: number, length: number): Buffer => {
    onRead();
    if (position === 0) return words(tables, (index) => MiB + index * clusterSize);
    const first = ((position - MiB) / clusterSize) * perTable;
    return words(length / 8, (index) => dataAt + placeOf(first + index) * clusterSize);
  };
  const fileSize = dataAt + size;
  const map = await ClusterMap.of(header, { size: fileSize, realSize: fileSize, read }, new Turns(undefined));
  if (map === undefined) throw new Error("the map is refused");
  return map;
}

test("clusters in the order of the file are one run of it", async (t) => {
  const map = await mapOf({ clusters: 1024, placeOf: (cluster) => cluster });
  t.deepEqual(await map.plainRuns(new Turns(undefined)), [{ offset: 0, length: 1024 * clusterSize, position: dataAt }]);
});

test("one part of a disk that is in more parts of its file than are kept has no places", async (t) => {
  const swapped = (clusters: number) => mapOf({ clusters, placeOf: (cluster) => cluster ^ 1 });
  const few = await swapped(mostRuns);
  t.is((await few.plainRuns(new Turns(undefined)))?.length, mostRuns);
  const many = await swapped(mostRuns + perTable);
  t.is(many.runs.length, 1);
  t.is(await many.plainRuns(new Turns(undefined)), undefined);
});

test("signals are heard while places are looked for", async (t) => {
  const interruption = new AbortController();
  let reads = 0;
  const map = await mapOf({ clusters: 1024, placeOf: (cluster) => cluster, onRead: () => (reads += 1) });
  const before = reads;
  const turns = new Turns(interruption.signal);
  setImmediate(() => interruption.abort());
  // Longer than a turn.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 40);
  await t.throwsAsync(map.plainRuns(turns), { code: "INTERRUPTED" });
  t.is(reads, before);
});
