import { closeSync, ftruncateSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { randomNumbers } from "../../bench/random.ts";
import { MkimageError } from "../../src/base/errors.ts";
import { checked } from "../inspect/verify/checked.ts";
import { firstFinding } from "./mutants/judges.ts";
import { mutate } from "./mutate.ts";
import { makeOriginals, type Original } from "./mutants/originals.ts";
import { tolerated } from "./mutants/tolerated.ts";
import { isLong } from "../together/is-long.ts";

// No ok where those who know a format, a table or a filesystem find a fault, but for what is listed with its reason.

const count = Number(process.env["MKIMAGE_MUTANTS"] ?? (isLong ? 5000 : 44));
const first = Number(process.env["MKIMAGE_SEED"] ?? (isLong ? 1000 : 1));

interface Fate {
  readonly mutant: string;
  readonly verdict: "ok" | "failed" | "unknown" | "error";
  /** The findings of somebody else, where the verdict is ok. */
  readonly missed?: string;
  readonly toleratedFor?: string;
}

test("no ok for mutants in which another program finds a fault", async (t) => {
  t.timeout(4 * 3600 * 1000);
  const folder = mkdtempSync(join(tmpdir(), "mkimage-mutants-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const originals = makeOriginals(folder);
  const images = new Map(originals.map((original) => [original, readFileSync(original.path)]));
  for (const original of originals) {
    t.is((await checked(original.path)).failed, 0, original.name);
    t.is(firstFinding(original.path, original), undefined, original.name);
  }
  const imageOf = (original: Original): Buffer => images.get(original) ?? Buffer.alloc(0);
  const path = join(folder, "mutant");
  const fates: Fate[] = [];
  for (let index = 0; index < count; index += 1) {
    const [original, donor] = [0, 1].map((more) => originals[(index + more) % originals.length]) as [
      Original,
      Original,
    ];
    const seed = first + index;
    const random = randomNumbers(seed);
    const { bytes, changes } = mutate(imageOf(original), original.regions, imageOf(donor), random);
    writeSparsely(path, bytes);
    fates.push(await fateOf(path, original, `${original.name} with seed ${seed}: ${changes.join(", ")}`));
  }
  t.log(describe(fates));
  t.true(fates.some(({ verdict }) => verdict === "ok") && fates.some(({ verdict }) => verdict === "failed"));
  t.deepEqual(
    fates.filter(({ missed }) => missed !== undefined).map(({ mutant, missed }) => `${mutant}: ${missed}`),
    [],
  );
});

async function fateOf(path: string, original: Original, mutant: string): Promise<Fate> {
  const verdict = await verdictOn(path, original);
  if (verdict !== "ok") return { mutant, verdict };
  const finding = firstFinding(path, original);
  if (finding === undefined) return { mutant, verdict };
  const reason = tolerated.find(({ judge, says }) => judge === finding.judge && says.test(finding.says))?.reason;
  if (reason !== undefined) return { mutant, verdict, toleratedFor: reason };
  return { mutant, verdict, missed: `${finding.judge}: ${finding.says.replaceAll(/\s+/g, " ").slice(0, 600)}` };
}

/** Most of these images are holes, and stay so: their copies take time. */
function writeSparsely(path: string, bytes: Buffer): void {
  rmSync(path, { force: true });
  const file = openSync(path, "w");
  for (let at = 0; at < bytes.length; at += block) {
    const part = bytes.subarray(at, at + block);
    if (!part.equals(zeros.subarray(0, part.length))) writeSync(file, part, 0, part.length, at);
  }
  ftruncateSync(file, bytes.length);
  closeSync(file);
}

const block = 64 * 1024;
const zeros = Buffer.alloc(block);

async function verdictOn(path: string, { format }: Original): Promise<Fate["verdict"]> {
  try {
    // As whoever knows what the file is: a mutant that is taken for raw bytes would be unknown.
    const { failed, unknown } = await checked(path, { format });
    return failed > 0 ? "failed" : unknown > 0 ? "unknown" : "ok";
  } catch (error) {
    if (error instanceof MkimageError && error.code !== "INTERNAL") return "error";
    throw error;
  }
}

function describe(fates: readonly Fate[]): string {
  const parts = ["ok", "failed", "unknown", "error"].map((verdict) => {
    return `${fates.filter((fate) => fate.verdict === verdict).length} ${verdict}`;
  });
  const reasons = new Set(fates.flatMap(({ toleratedFor }) => toleratedFor ?? []));
  const ofReasons = [...reasons].map((reason) => {
    return `${fates.filter(({ toleratedFor }) => toleratedFor === reason).length} of the ok: ${reason}`;
  });
  return [...parts, `${fates.filter(({ missed }) => missed).length} missed`, ...ofReasons].join("; ");
}
