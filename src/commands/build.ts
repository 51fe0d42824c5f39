import { basename, join } from "node:path";
import { Command } from "commander";
import pLimit from "p-limit";
import { build } from "../build/build.ts";
import type { BuildContext } from "../build/context.ts";
import type { Published } from "../publish/publish.ts";
import type { Request } from "../request/schema.ts";
import { addAppearanceOptions, reporterOf } from "./appearance.ts";
import { addRequestOptions, requestOf } from "./request-options.ts";
import { sourceDateEpoch } from "./source-date-epoch.ts";

type Options = Readonly<Record<string, unknown>>;

/** `mkimage build [SYSTEM…]`: makes images. */
export function buildCommand(signal: AbortSignal): Command {
  const command = new Command("build")
    .description("build an image of a NixOS system, or of several side by side")
    .argument("[system...]", "flake reference, or a store path of a system (default: the flake in this folder)")
    .option("--jobs <number>", "how many systems are built at a time", "2")
    .addHelpText("after", examples)
    .action((systems: string[], options: Options) => buildAll(systems, options, signal));
  return addAppearanceOptions(addRequestOptions(command));
}

const examples = `
Examples:
  mkimage --format qcow2 --partition efi
  mkimage build .#web --format vpc --partition hybrid --out result
  mkimage build /nix/store/…-nixos-system-web --partition legacy+gpt --size 8G
  mkimage build --file ./configuration.nix --attr system
  mkimage build .#web .#db --out images          images/web and images/db`;

async function buildAll(systems: readonly string[], options: Options, signal: AbortSignal): Promise<void> {
  const request = requestOf(options);
  const time = sourceDateEpoch(process.env);
  if (systems.length <= 1) {
    const reporter = reporterOf(options);
    return print(await build(request, systems[0], { signal, time, reporter }));
  }
  const limit = pLimit(Number(options["jobs"]));
  const outcomes = await Promise.allSettled(
    systems.map((system, index) => {
      const name = outputNames(systems)[index] as string;
      const context: BuildContext = { signal, time, reporter: reporterOf(options, name) };
      return limit(() => build(requestFor(name, request), system, context));
    }),
  );
  for (const outcome of outcomes) if (outcome.status === "fulfilled") print(outcome.value);
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed !== undefined) throw failed.reason;
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

/** The path of the image, for scripts. */
function print({ image }: Published): void {
  process.stdout.write(`${image}\n`);
}
