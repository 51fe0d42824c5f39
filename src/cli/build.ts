import { basename, join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import pLimit from "p-limit";
import { build } from "../pipeline/build.ts";
import { evaluateTogether } from "../pipeline/evaluate-together.ts";
import { buildToDisk } from "../pipeline/build-to-disk.ts";
import { MkimageError } from "../base/errors.ts";
import { printableJson } from "../inspect/printable.ts";
import type { Reporter } from "../runtime/reporter.ts";
import type { Published } from "../pipeline/publish/publish.ts";
import type { Request } from "../request/schema.ts";
import { variantList } from "../variants/list.ts";
import { addAppearanceOptions, type AppearanceFlags, reporting } from "./appearance.ts";
import { refuseMistypedVerb } from "./mistyped-verb.ts";
import { failureOf } from "./failures.ts";
import { pictureStyle } from "./picture-style.ts";
import { addRequestOptions, asksForVariants, requestOf, systemsOf } from "./request-options.ts";
import { addConsentOptions, type ConsentFlags } from "./consent-options.ts";
import { addSshOptions, atDevice, type SshFlags } from "./ssh-options.ts";
import { dialogueOf, print as printLine, printReport } from "./dialogue.ts";
import { surroundingsOf } from "./surroundings.ts";

type Options = Readonly<Record<string, unknown>>;

/** `mkimage build [SYSTEM…]`: makes images. */
export function buildCommand(signal: AbortSignal): Command {
  const command = new Command("build")
    .description("build an image of a NixOS system, or of several side by side")
    .argument("[system...]", "flake reference, or a store path of a system (default: the flake in this folder)")
    .option("--jobs <number>", "how many systems are built at a time", jobsOf, 2)
    .option(
      "--write-to-disk <device>",
      "build straight onto this disk (/dev/… or ssh://root@host/dev/…), for its size and sectors, with no image file",
    )
    .addHelpText("after", examples)
    .action((named: string[], options: Options) => {
      refuseMistypedVerb(command, named);
      if (asksForVariants(options)) return printLine(variantList());
      const systems = systemsOf(named, options);
      const { writeToDisk } = options;
      return typeof writeToDisk === "string"
        ? writeSystem(systems, writeToDisk, options, signal)
        : buildAll(systems, options, signal);
    });
  return addAppearanceOptions(addSshOptions(addConsentOptions(addRequestOptions(command))));
}

const examples = `
Examples:
  mkimage --format qcow2 --partition efi
  mkimage build .#web --format vpc --partition hybrid --out result
  mkimage build /nix/store/…-nixos-system-web --partition legacy+gpt --size 8G
  mkimage build --file ./configuration.nix --attr system
  mkimage build .#web --variant google-compute   --variant list shows them
  mkimage build .#web .#db --out images          images/web and images/db
  mkimage build .#stick --partition efi --write-to-disk /dev/sdX`;

async function buildAll(systems: readonly string[], options: Options, signal: AbortSignal): Promise<void> {
  const request = requestOf(options);
  const surroundings = surroundingsOf(request, signal);
  if (systems.length <= 1) {
    const work = (reporter: Reporter) => build(request, systems[0], { ...surroundings, reporter });
    return print(await reporting(options, work), options);
  }
  const evaluated = await reporting(options, (reporter) =>
    evaluateTogether(request, systems, { ...surroundings, reporter }),
  );
  const limit = pLimit(options["jobs"] as number);
  const outcomes = await Promise.allSettled(
    systems.map((system, index) => {
      const name = outputNames(systems)[index] as string;
      const work = (reporter: Reporter) =>
        build(requestFor(name, request), system, { ...surroundings, evaluated, reporter });
      return limit(() => reporting(options, work, name));
    }),
  );
  for (const outcome of outcomes) if (outcome.status === "fulfilled") print(outcome.value, options);
  const failed = outcomes.flatMap((outcome, index) =>
    outcome.status === "rejected" ? [{ name: systems[index] as string, reason: outcome.reason as unknown }] : [],
  );
  if (failed.length > 0) throw failureOf(failed, systems.length, "systems");
}

async function writeSystem(
  systems: readonly string[],
  device: string,
  options: Options,
  signal: AbortSignal,
): Promise<void> {
  if (systems.length > 1) {
    throw new MkimageError("BAD_REQUEST", `${systems.length} systems do not fit onto one disk`, {
      hint: "name one system",
    });
  }
  const request = requestOf(options);
  const surroundings = surroundingsOf(request, signal);
  const wishes = { ...(options as ConsentFlags), style: pictureStyle(process.env, process.stdout) };
  const report = await reporting(options, (reporter) => {
    const dialogue = dialogueOf(options, reporter, signal);
    return atDevice(device, options as SshFlags, signal, (place, path) =>
      buildToDisk(request, systems[0], { ...wishes, place, path }, dialogue, { ...surroundings, reporter }),
    );
  });
  if (report !== undefined) printReport(device, report, options);
}

function jobsOf(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It is how many systems are built at a time: 1, 2, ...");
}

/** Each system has a folder of its own in the output folder. */
function requestFor(name: string, request: Request): Request {
  return { ...request, out: join(request.out, name) };
}

/** The system's name in its flake or store path, with a number where several have the same. */
function outputNames(systems: readonly string[]): string[] {
  const names = systems.map((system) =>
    basename(system.includes("#") ? system.slice(system.indexOf("#") + 1) : system),
  );
  return names.map((name, index) => {
    const earlier = names.slice(0, index).filter((other) => other === name).length;
    return earlier === 0 ? name : `${name}-${earlier + 1}`;
  });
}

/** The paths of the images, for scripts. */
function print({ folder, images }: Published, { json = false }: AppearanceFlags): void {
  const lines = json ? [printableJson({ version: 1, folder, images })] : images;
  lines.forEach(printLine);
}
