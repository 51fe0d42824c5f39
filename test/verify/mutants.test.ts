import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { MkimageError } from "../../src/errors.ts";
import { checked } from "./checked.ts";
import { firstFinding } from "./mutants/judges.ts";
import { mutate } from "./mutants/mutate.ts";
import { copyOf, makeOriginals, type Original } from "./mutants/originals.ts";
import { tolerated } from "./mutants/tolerated.ts";

// No ok where those who know a format, a table or a filesystem find a fault, but for what is listed with its reason.

const isLong = process.env["MKIMAGE_LONG"] === "1";
const count = Number(process.env["MKIMAGE_MUTANTS"] ?? (isLong ? 5000 : 66));
const first = Number(process.env["MKIMAGE_SEED"] ?? (isLong ? 1000 : 1));

interface Fate {
  readonly mutant: string;
  readonly verdict: "ok" | "failed" | "unknown" | "error";
  /** What somebody else found, where the verdict is ok. */
  readonly missed?: string;
  readonly toleratedFor?: string;
}

test("no ok for mutants in which another program finds a fault", async (t) => {
  t.timeout(4 * 3600 * 1000);
  const folder = mkdtempSync(join(tmpdir(), "mkimage-mutants-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const originals = makeOriginals(folder);
  for (const original of originals) {
    t.is((await checked(original.path)).failed, 0, original.name);
    t.is(firstFinding(original.path, original), undefined, original.name);
  }
  const fates: Fate[] = [];
  for (let index = 0; index < count; index += 1) {
    const original = originals[index % originals.length];
    if (original !== undefined) fates.push(await fateOf(original, first + index));
    if (index % 250 === 249) t.log(`${index + 1} mutants: ${describe(fates)}`);
  }
  t.log(describe(fates));
  t.true(fates.some(({ verdict }) => verdict === "ok") && fates.some(({ verdict }) => verdict === "failed"));
  t.deepEqual(
    fates.filter(({ missed }) => missed !== undefined).map(({ mutant, missed }) => `${mutant}: ${missed}`),
    [],
  );
});

async function fateOf(original: Original, seed: number): Promise<Fate> {
  const copy = copyOf(original, seed);
  try {
    const mutant = `${original.name} with seed ${seed} (${mutate(copy, original.regions, seed)})`;
    const verdict = await verdictOn(copy, original);
    if (verdict !== "ok") return { mutant, verdict };
    const finding = firstFinding(copy, original);
    if (finding === undefined) return { mutant, verdict };
    const reason = tolerated.find(({ judge, says }) => judge === finding.judge && says.test(finding.says))?.reason;
    if (reason !== undefined) return { mutant, verdict, toleratedFor: reason };
    return { mutant, verdict, missed: `${finding.judge}: ${finding.says.replaceAll(/\s+/g, " ").slice(0, 600)}` };
  } finally {
    rmSync(copy, { force: true });
  }
}

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
