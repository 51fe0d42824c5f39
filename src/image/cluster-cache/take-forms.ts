import { readvSync } from "node:fs";
import type { Bytes } from "../../base/units.ts";
import { clusterSize } from "../qcow2/format.ts";
import { fileOf, findRecord, type KnownClusters, markTaken } from "./known-clusters.ts";
import { checksumOf, type FormRecord, formOf, keyIn, keyWords } from "./record.ts";

/** A form that is looked for, and the index of its cluster. */
interface WantedForm extends FormRecord {
  readonly cluster: number;
  readonly key: Uint32Array;
  /** The index of its file. */
  readonly file: number;
}

/**
 * Puts the forms of all clusters of a piece where the clusters would be in `memory`, and gives their lengths: 0 for those without
 * a key. `undefined` where one is not known, not sound, or not kept since it does not compress: then the piece has to be
 * stored as if nothing were known of it.
 *
 * @param keys of the clusters, one behind the other.
 */
export function takeForms(known: KnownClusters, keys: Uint32Array, memory: SharedArrayBuffer): Bytes[] | undefined {
  const forms = wantedForms(known, keys);
  if (forms === undefined || !runsOf(forms).every((run) => readRun(known, run, memory))) return undefined;
  const lengths = Array.from({ length: keys.length / keyWords }, () => 0);
  for (const { cluster, length, file } of forms) {
    lengths[cluster] = length;
    markTaken(known, file);
  }
  return lengths;
}

function wantedForms(known: KnownClusters, keys: Uint32Array): WantedForm[] | undefined {
  const forms: WantedForm[] = [];
  for (let cluster = 0; cluster < keys.length / keyWords; cluster += 1) {
    const key = keyIn(keys, cluster);
    if (key === undefined) continue;
    const record = findRecord(known, key);
    if (record === undefined) return undefined;
    const { place, length, checksum } = formOf(known.records, record);
    if (length >= clusterSize) return undefined;
    forms.push({ place, length, checksum, cluster, key, file: fileOf(known, record) });
  }
  return forms;
}

/** Forms that follow each other in a file are read at once: a piece of another image is most often there as a whole. */
function runsOf(forms: readonly WantedForm[]): WantedForm[][] {
  const runs: WantedForm[][] = [];
  for (const form of forms) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (last !== undefined && last.file === form.file && last.place + last.length === form.place) run?.push(form);
    else runs.push([form]);
  }
  return runs;
}

/** Whether all of them are sound. */
function readRun(known: KnownClusters, run: readonly WantedForm[], memory: SharedArrayBuffer): boolean {
  const [first] = run;
  const views = run.map(({ cluster, length }) => Buffer.from(memory, cluster * clusterSize, length));
  const wanted = run.reduce((sum, { length }) => sum + length, 0);
  try {
    const bytesRead = readvSync(known.files[first?.file ?? -1]?.descriptor ?? -1, views, first?.place);
    return bytesRead === wanted && run.every(({ key, checksum }, index) => isSound(views[index], key, checksum));
  } catch {
    return false;
  }
}

function isSound(form: Buffer | undefined, key: Uint32Array, checksum: number): boolean {
  return form !== undefined && checksumOf(form, key) === checksum;
}
