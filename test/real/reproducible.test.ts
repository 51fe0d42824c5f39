import { createHash } from "node:crypto";
import { chmodSync, createReadStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import test, { type ExecutionContext } from "ava";
import { type Circumstance, circumstancesFor, folderForAnybody, together } from "./circumstances.ts";
import { type Format, otherFormats, rawFormat } from "./formats.ts";
import { imageDifferences } from "./image-differences.ts";
import { demoSystem, judge, mkimage, reportOf, testFolder } from "./mkimage.ts";
import { presets } from "./presets.ts";
import { isLong } from "../together/is-long.ts";

/** Images without a table, of the host, and of a guest's installer; formats by threads, and with identifiers. */
const inCi: Readonly<Record<string, readonly Format[]>> = {
  none: [rawFormat],
  efi: [rawFormat, ...otherFormats.filter(({ title }) => ["qcow2 by zstd", "vpc", "vhdx"].includes(title))],
  hybrid: [rawFormat],
};

for (const { partition, variant } of presets) {
  for (const format of isLong ? [rawFormat, ...otherFormats] : (inCi[partition] ?? [])) {
    test.serial(`${partition}, ${format.title}: the same bytes whenever, wherever and by whom`, async (t) => {
      const folder = testFolder(t);
      const circumstances = circumstancesOf(variant);
      const request = [demoSystem(variant), "--partition", partition, ...format.flags];
      const [one, other] = await Promise.all([
        build(t, request, folderForAnybody(folder, "one"), here),
        build(t, request, folderForAnybody(folder, "other"), together(circumstances)),
      ]);
      if (one.sum === other.sum) return void t.pass();
      t.fail(await bisect(t, request, folder, one, circumstances));
    });
  }
}

test.serial("another user, day, store, mask, language and number of processors are what a build really meets", (t) => {
  const { through = [], environment } = together(circumstancesOf("none"));
  const script = "id -u; date +%s; umask; nproc; echo $TZ $LANG; find /nix/store -links +1 -type f | head -n1";
  const said = judge(
    "env",
    ...Object.entries(environment ?? {}).map(([name, value]) => `${name}=${value}`),
    ...through,
    "sh",
    "-c",
    script,
  ).split("\n");
  const [user, seconds, mask, processors, language, linked] = said;
  t.deepEqual([user, mask, processors, language], ["65534", "0077", "1", "Pacific/Chatham tr_TR.UTF-8"]);
  t.true(Number(seconds) - Date.now() / 1000 > 499 * 86_400, seconds);
  t.regex(linked ?? "", /^\/nix\/store\//);
});

test.serial("one changed byte in one file is another image", async (t) => {
  const folder = testFolder(t);
  const file = join(folder, "file");
  const request = [demoSystem("systemd-boot"), "--partition", "efi", "--contents", `source=${file},target=/srv/file`];
  const sums = new Set<string>();
  for (const [name, content] of Object.entries({ one: "content", same: "content", other: "contend" })) {
    writeFileSync(file, content);
    sums.add((await build(t, request, folderForAnybody(folder, name), here)).sum);
  }
  t.is(sums.size, 2);
});

const stores = mkdtempSync(join(tmpdir(), "mkimage-test-"));
chmodSync(stores, 0o755);
test.after.always(() => rmSync(stores, { recursive: true, force: true }));

const known = new Map<string, Circumstance[]>();

/** All that may differ; prepared once for each system. */
function circumstancesOf(variant: string): Circumstance[] {
  const folder = join(stores, variant);
  const circumstances = known.get(variant) ?? circumstancesFor([demoSystem(variant)], folder);
  known.set(variant, circumstances);
  return circumstances;
}

const here: Circumstance = { name: "nothing in particular" };

interface Built {
  readonly out: string;
  readonly image: string;
  readonly sum: string;
}

async function build(
  t: ExecutionContext,
  request: readonly string[],
  folder: string,
  { through = [], environment = {}, arguments: more = [] }: Circumstance,
): Promise<Built> {
  const out = join(folder, "out");
  const common = ["--additional-space", "32M", "--accel", "tcg", "--out", out];
  const run = await mkimage(t, ["build", ...request, ...common, ...more], {
    folder,
    through,
    environment: { SOURCE_DATE_EPOCH: "1700000000", ...environment },
  });
  t.true(reportOf(out).reproducible);
  const image = run.stdout.trim();
  return { out, image, sum: await sha256(image) };
}

/** Which circumstance makes a difference, and where in the image. */
async function bisect(
  t: ExecutionContext,
  request: readonly string[],
  folder: string,
  expected: Built,
  circumstances: readonly Circumstance[],
): Promise<string> {
  const found: string[] = [];
  for (const [index, circumstance] of [here, ...circumstances].entries()) {
    const built = await build(t, request, folderForAnybody(folder, `bisect-${index}`), circumstance);
    if (built.sum === expected.sum) continue;
    const scratch = join(folder, `differences-${index}`);
    mkdirSync(scratch);
    const images = [expected.image, built.image].map((image, number) => rawOf(image, join(scratch, `raw-${number}`)));
    const where = imageDifferences(images[0] as string, images[1] as string, reportOf(expected.out), scratch);
    if (where.length === 0) where.push(`the headers of the format: ${expected.image} and ${built.image}`);
    found.push(`${circumstance.name}:`, ...where.map((line) => `  ${line}`));
  }
  return found.length === 0 ? "only all circumstances together make a difference" : found.join("\n");
}

function rawOf(image: string, raw: string): string {
  if (image.endsWith(".img")) return image;
  judge("qemu-img", "convert", "-O", "raw", image, raw);
  return raw;
}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}
