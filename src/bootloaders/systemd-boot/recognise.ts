import type { BootableSystem, BootPlaces, InstallerProgram, RecognisedInstaller } from "../bootloader.ts";
import { shellWords } from "../shell-words.ts";
import { type StoreReader, textAt } from "../store-reader.ts";
import { placesOf } from "./builder.ts";
import { isSystemdBootBuilder, readSystemdBootConstants } from "./constants.ts";
import { examineBuilder, type FoundBuilder } from "./examine-builder.ts";
import { SystemdBootHost } from "./host.ts";
import { Obstacle } from "./obstacle.ts";

/** Recognises systemd-boot's builder, which the host stands in for where it understands that completely. */
export function recogniseSystemdBoot(
  program: InstallerProgram,
  system: BootableSystem,
  store: StoreReader,
): RecognisedInstaller | undefined {
  const found = builderOf(program, store);
  if (found === undefined) return undefined;
  try {
    if (program.arguments.length > 0) throw new Obstacle(`its installer is called with ${program.arguments.join(" ")}`);
    const { builder, bootspec } = examineBuilder(found, system, store);
    return { places: placesOf(builder.constants), host: new SystemdBootHost(builder, bootspec) };
  } catch (error) {
    if (!(error instanceof Obstacle)) throw error;
    return { reason: error.message, places: placesIn(found.program) };
  }
}

function placesIn(builder: string): BootPlaces | undefined {
  try {
    return placesOf(readSystemdBootConstants(builder));
  } catch (error) {
    if (!(error instanceof Obstacle)) throw error;
    return undefined;
  }
}

/** The builder is INSTALL_BOOTLOADER itself, or what the shell script of that name calls with its own arguments. */
function builderOf({ path, script }: InstallerProgram, store: StoreReader): FoundBuilder | undefined {
  if (isSystemdBootBuilder(script)) return { path, program: script, extraCommands: [] };
  const lines = script.split("\n").map((line) => line.trim());
  const commands = lines.filter((line) => line !== "" && !line.startsWith("#") && !/^set -[a-z]+$/.test(line));
  for (const line of commands) {
    const builder = calledWithArguments(line);
    const program = builder === undefined ? undefined : textAt(builder, store);
    if (builder === undefined || program === undefined || !isSystemdBootBuilder(program)) continue;
    return { path: builder, program, extraCommands: commands.filter((other) => other !== line) };
  }
  return undefined;
}

function calledWithArguments(line: string): string | undefined {
  const words = shellWords(line, { "@": "$@" }) ?? [];
  const [program, ...rest] = words[0] === "exec" ? words.slice(1) : words;
  return rest.length === 1 && rest[0] === "$@" ? program : undefined;
}
