import { mkdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { randomNumbers } from "../../bench/random.ts";
import { temporaryFolder } from "../image/folder.ts";
import { makeCorpus, type Sample } from "./corpus.ts";
import type { Answer, Verb } from "./examine.ts";
import { mutate } from "./mutate.ts";
import { Examiner } from "./pool.ts";
import { Scratch } from "./scratch.ts";
import { isLong } from "../together/is-long.ts";

// MKIMAGE_FUZZ=20000 looks at so many mutants, MKIMAGE_FUZZ_WORKERS=8 in so many processes; MKIMAGE_FUZZ_SEED=123 at one, whose seed a failure has named.

const count = Number(process.env["MKIMAGE_FUZZ"] ?? (isLong ? 20_000 : 800));
const workers = Number(process.env["MKIMAGE_FUZZ_WORKERS"] ?? availableParallelism());
const only = process.env["MKIMAGE_FUZZ_SEED"];
const [mostSeconds, mostMemory] = [5, 500 * 1024 * 1024];
/** The errors that a reader may end in. A disk that claims to be larger than a file can be here does not fit. */
const allowed = new Set(["read", "BAD_IMAGE", "NO_SPACE"]);

test("damaged images are read as far as they go, or refused: soon, in little memory, and in plain text", async (t) => {
  t.timeout(4 * 3600 * 1000);
  const folder = temporaryFolder(t);
  const corpus = await makeCorpus(folder);
  const seeds = only === undefined ? Array.from({ length: count }, (_, seed) => seed) : [Number(only)];
  const outcomes = new Map<string, number>();
  const most = { cpuSeconds: 0, rss: 0 };
  const failures: string[] = [];
  const work = async (name: string): Promise<void> => {
    const own = join(folder, name);
    mkdirSync(own);
    using examiner = new Examiner(own);
    const scratch = new Scratch(own);
    for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
      const { verb, sample, mutant } = makeMutant(corpus, seed);
      const answer = await scratch.with(sample.path, bytesOf(sample), mutant.bytes, (path) =>
        examiner.ask({ verb, path, other: sample.path }),
      );
      outcomes.set(answer.outcome, (outcomes.get(answer.outcome) ?? 0) + 1);
      most.cpuSeconds = Math.max(most.cpuSeconds, answer.cpuSeconds);
      most.rss = Math.max(most.rss, answer.rss);
      const faults = faultsOf(answer);
      if (faults.length === 0) continue;
      const how = `MKIMAGE_FUZZ_SEED=${seed} ava test/fuzz/fuzz.test.ts`;
      failures.push([`${how}: ${verb} ${sample.name}: ${faults.join("; ")}`, ...mutant.changes].join("\n    "));
      if (isLong || count > 1000) console.log(failures.at(-1));
    }
  };
  await Promise.all(Array.from({ length: workers }, (_, index) => work(String(index))));
  t.log(`${JSON.stringify(Object.fromEntries(outcomes))}, at most ${JSON.stringify(most)}`);
  t.deepEqual(failures, []);
  if (only === undefined) showBoth(t, outcomes);
});

/** Mutants that are all refused, or all read, would prove little. */
function showBoth(t: ExecutionContext, outcomes: ReadonlyMap<string, number>): void {
  t.true((outcomes.get("read") ?? 0) > count / 4 && (outcomes.get("BAD_IMAGE") ?? 0) > 0);
}

const full: readonly Verb[] = ["inspect", "verify", "diff"];
/** Other programs take a hundred times as long as our readers, so that they see a part only. */
const fullEvery = 20;

function rawSample(corpus: readonly Sample[], random: () => number): Sample {
  const raw = corpus.filter(({ path }) => path.endsWith(".img"));
  return raw[Math.floor(random() * raw.length)] as Sample;
}

const kept = new Map<string, Buffer>();

function bytesOf({ path }: Sample): Buffer {
  const bytes = kept.get(path) ?? readFileSync(path);
  kept.set(path, bytes);
  return bytes;
}

function makeMutant(corpus: readonly Sample[], seed: number) {
  const random = randomNumbers(seed * 2_654_435_761);
  const pick = (): Sample => corpus[Math.floor(random() * corpus.length)] as Sample;
  const verb: Verb = seed % fullEvery === 0 ? (full[(seed / fullEvery) % full.length] as Verb) : "alone";
  const [any, donor] = [pick(), pick()];
  const sample = verb === "alone" && !any.path.endsWith(".img") ? rawSample(corpus, random) : any;
  return { verb, sample, mutant: mutate(bytesOf(sample), sample.regions, bytesOf(donor), random) };
}

function faultsOf({ outcome, text, isQuiet, cpuSeconds, rss, leftovers }: Answer): string[] {
  return [
    ...(allowed.has(outcome) ? [] : [`${outcome}: ${text}`]),
    ...(cpuSeconds > mostSeconds ? [`it took ${cpuSeconds} s`] : []),
    ...(rss > mostMemory ? [`it took ${rss} bytes of memory`] : []),
    ...(isQuiet ? [] : ["it says control characters"]),
    ...(leftovers.length === 0 ? [] : [`it leaves ${leftovers.join(", ")}`]),
  ];
}
