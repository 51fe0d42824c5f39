import test from "ava";
import { KiB } from "../../../src/base/units.ts";
import { findRecord, gatherClusters } from "../../../src/image/cluster-cache/known-clusters.ts";
import { keyIn, keyWords, recordOf } from "../../../src/image/cluster-cache/record.ts";
import { sourceKeys } from "../../../src/image/cluster-cache/source-keys.ts";

const clusterSize = 64 * KiB;
const sums = new Map([["tree", "sha256:sum"]]);

/** Keys of the clusters of one file, one behind the other. */
function keysOfFile(clusters: number): Uint32Array {
  const source = { kind: "file", path: "/store/tree/file", position: 0 } as const;
  const extent = { offset: 0, length: clusters * clusterSize, source };
  return sourceKeys([extent], 0, clusters, { folder: "/store", sums }).words;
}

test("clusters of one file are found fast: they do not share a part of the table", (t) => {
  const clusters = 4000;
  const keys = keysOfFile(clusters);
  const words = Array.from({ length: clusters }, (_, index) =>
    recordOf(keyIn(keys, index) ?? new Uint32Array(keyWords), { place: index, length: 1, checksum: 0 }),
  );
  const file = { path: "forms", descriptor: -1, size: 0, records: Uint32Array.from(words.flat()) };
  const known = gatherClusters([file]);
  for (let index = 0; index < clusters; index += 1) t.is(findRecord(known, keyIn(keys, index) as Uint32Array), index);
  t.true(longestRun(known.slots) < 200, "a search ends soon");
});

/** Of slots that are taken: the most that a search looks at. */
function longestRun(slots: Int32Array): number {
  let [longest, run] = [0, 0];
  for (const slot of slots) {
    run = slot === 0 ? 0 : run + 1;
    longest = Math.max(longest, run);
  }
  return longest;
}
