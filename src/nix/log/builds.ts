import { Recent } from "../../base/recent.ts";
import { activityTypes, resultTypes } from "./counts.ts";
import type { LogLine } from "./line.ts";

/** A build of Nix's that runs or has ended. */
export interface Build {
  readonly derivation: string;
  /** Its name without hash and `.drv`. */
  readonly name: string;
  readonly start: number;
  readonly phase: string;
  /** The last lines of its log. */
  readonly lines: readonly string[];
}

/** So many last lines of a build are kept, of so many characters. */
const keptLines = 20;
const keptCharacters = 400;
/** Of so many builds, of which those that failed are asked for soon after their end. */
const keptBuilds = 200;

/** The builds of a log, and what they print. */
export class Builds {
  readonly #byId = new Map<string, Build>();
  readonly #byDerivation = new Recent<string, Build>(keptBuilds);

  /** Gives the build that a line is of, as it is then. */
  take(line: LogLine): Build | undefined {
    switch (line.kind) {
      case "start":
        return line.type === activityTypes.build
          ? this.#keep(line.id, begun(String(line.fields[0] ?? line.text)))
          : undefined;
      case "result": {
        const build = this.#byId.get(line.id);
        return build === undefined
          ? undefined
          : this.#keep(line.id, changed(build, line.type, String(line.fields[0] ?? "")));
      }
      case "stop": {
        const build = this.#byId.get(line.id);
        this.#byId.delete(line.id);
        return build;
      }
      default:
        return undefined;
    }
  }

  get running(): readonly Build[] {
    return [...this.#byId.values()];
  }

  /** The build of a derivation, whether it runs or has ended. */
  of(derivation: string): Build | undefined {
    return this.#byDerivation.get(derivation);
  }

  #keep(id: string, build: Build): Build {
    this.#byId.set(id, build);
    return this.#byDerivation.keep(build.derivation, build);
  }
}

function begun(derivation: string): Build {
  return { derivation, name: derivationName(derivation), start: performance.now(), phase: "", lines: [] };
}

function changed(build: Build, type: number, text: string): Build {
  if (type === resultTypes.phase) return { ...build, phase: text };
  if (!isLogLine(type)) return build;
  return { ...build, lines: [...build.lines, text.slice(0, keptCharacters)].slice(-keptLines) };
}

/** Whether a result is a line of a build's log. */
export function isLogLine(type: number): boolean {
  return type === resultTypes.buildLogLine || type === resultTypes.postBuildLogLine;
}

/** `hello-2.12` of `/nix/store/HASH-hello-2.12.drv`. */
export function derivationName(derivation: string): string {
  return /^\/nix\/store\/[0-9a-z]{32}-(.*?)(?:\.drv)?$/.exec(derivation)?.[1] ?? derivation;
}
