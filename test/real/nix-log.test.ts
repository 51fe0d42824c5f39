import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { queryClosure } from "../../src/nix/closure.ts";
import { sayingOnce } from "../../src/nix/log/watch.ts";
import { resolveSystem } from "../../src/nix/resolve.ts";
import { derivation, scratchFolder, useOfflineNix } from "../nix/nix.ts";
import { type NixVersion, pathWith, withEachNix } from "../nix/nixes.ts";
import { runMkimage } from "./mkimage.ts";

const testWithEachNix = withEachNix(test);

// What is shown while Nix evaluates, builds and fetches.

useOfflineNix();
const scratch = scratchFolder();
test.after.always(() => rmSync(scratch, { recursive: true, force: true }));

const parts = "mkdir $out; echo > $out/init; echo > $out/kernel; echo 25.05 > $out/nixos-version";

/** A file with a system that nobody has built yet: it is said to be deprecated, and needs a part of 2 MiB. */
function systemFile({ name }: NixVersion): string {
  const folder = mkdtempSync(join(scratch, `${name}-`));
  // Random bytes, so that the part is one of this run's.
  const part = derivation("part", "echo begin; head -c 2097152 /dev/urandom > $out");
  const text = `let part = ${part.replace("name =", `run = "${folder}"; name =`)};
    in builtins.trace "evaluation warning: an old option" {
      config.system.build.toplevel = ${derivation("nixos-system-log", `echo hello; ${parts}; echo \${part} > $out/part`)};
    }`;
  const file = join(folder, "system.nix");
  writeFileSync(file, text);
  return file;
}

function listening() {
  const heard = { notes: [] as string[], counts: [] as string[], details: [] as string[], steps: [] as string[] };
  const task = {
    progress: () => {},
    counted: (done: number, total: number) => void heard.counts.push(`${done} of ${total}`),
    detail: (text: string) => void heard.details.push(text),
    step: (text: string) => void heard.steps.push(text.replace(/ \(.*/, "")),
  };
  return { heard, watch: sayingOnce({ note: (text) => void heard.notes.push(text), task }) };
}

testWithEachNix("builds are counted and named, and warnings are said though all is well", async (t, nix) => {
  const { heard, watch } = listening();
  await resolveSystem({ kind: "file", file: systemFile(nix), attributes: "" }, { watch });
  t.deepEqual(heard.notes, ["Nix: an old option"]);
  t.deepEqual(heard.steps, ["built part", "built nixos-system-log"]);
  t.true(
    heard.details.includes("1 of 2 built; building nixos-system-log") || nix.name === "sid",
    heard.details.join("\n"),
  );
  t.is(heard.counts.at(-1), "2 of 2");
});

testWithEachNix("what is fetched is counted, with its bytes", async (t, nix) => {
  const source = { kind: "file", file: systemFile(nix), attributes: "" } as const;
  const { toplevel } = await resolveSystem(source);
  const paths = (await queryClosure([toplevel])).paths.map(({ path }) => path);
  const cache = `file://${mkdtempSync(join(scratch, "cache-"))}?compression=none`;
  const run = (program: string, ...words: string[]) =>
    execFileSync(program, words, { stdio: ["ignore", "pipe", "pipe"] });
  run("nix", "copy", "--to", cache, toplevel);
  run("nix-store", "--delete", ...paths);
  const { heard, watch } = listening();
  const settings = [
    ["substitute", "true"],
    ["substituters", cache],
    ["require-sigs", "false"],
  ] as const;
  const nixArguments = settings.flatMap(([name, value]) => ["--option", name, value]);
  t.is((await resolveSystem(source, { watch, nixArguments })).toplevel, toplevel);
  t.regex(heard.details.join("\n"), /of 2 fetched \(\S+ \S+ of 2 MiB\)/);
  t.is(heard.counts.at(-1), "2 of 2");
  t.deepEqual(heard.steps, []);
});

testWithEachNix("mkimage says it in lines, in events, and with --verbose each line of a build", async (t, nix) => {
  const environment = { PATH: pathWith(nix) };
  const show = async (...flags: string[]) => {
    const out = join(mkdtempSync(join(scratch, "out-")), "out");
    const words = ["build", "--file", systemFile(nix), "--partition", "none", "--out", out, ...flags];
    return (await runMkimage(words, { environment })).stderr;
  };
  const lines = await show();
  t.regex(lines, /^note: Nix: an old option\n {2}built part \(\d+\.\d s\)\n {2}built nixos-system-log \(/m);
  t.false(lines.includes("begin"));
  const planned = await runMkimage(["plan", "--file", systemFile(nix), "--partition", "none"], { environment });
  t.regex(planned.stderr, /^note: built part \(\d+\.\d s\)$/m);
  t.is(planned.exitCode, 0, planned.stderr);
  t.regex(await show("--verbose"), /^ {2}\| part> begin$/m);
  const events = (await show("--json"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  t.true(events.some(({ event, done, total }) => event === "progress" && done === 2 && total === 2));
  t.true(events.some(({ event, text }) => event === "note" && text === "Nix: an old option"));
});
