import type { Fault } from "../../base/schema/faults.ts";
import type { Request } from "../schema.ts";
import { installsBootLoader, optionsOfSystem } from "../whole-system.ts";
import { type Namer, namesOf, type Rule } from "./rule.ts";

/** The rules of what goes into an image, and of what installs it. */
export const rulesOfSystems: readonly Rule[] = [
  efiVariablesNeedAnInstaller,
  storeOnlyTakesNothingElse,
  ownersComeInPairs,
  variablesNeedFirmware,
  fileAndAttribute,
  rootStandsAlone,
  nixosInstallDoesAll,
];

function efiVariablesNeedAnInstaller(request: Request, name: Namer): Fault | undefined {
  if (!request.touchEfiVars || installsBootLoader(request)) return undefined;
  return `${name("touchEfiVars")}: nothing writes EFI variables when no bootloader is installed; drop one of the two`;
}

function storeOnlyTakesNothingElse(request: Request, name: Namer): Fault | undefined {
  if (!request.onlyNixStore) return undefined;
  const extra = namesOf(name, {
    contents: request.contents.length > 0,
    configFile: request.configFile !== undefined,
    channel: request.channel !== undefined,
    installBootLoader: request.installBootLoader === true,
  });
  return extra && `${name("onlyNixStore")}: the image holds store paths only; drop ${extra}`;
}

function ownersComeInPairs({ contents }: Request, name: Namer): Fault | undefined {
  const alone = contents.filter((content) => (content.user === undefined) !== (content.group === undefined));
  if (alone.length === 0) return undefined;
  return `${name("contents")}: set both user and group, or neither (${alone.map((content) => content.target).join(", ")})`;
}

function variablesNeedFirmware({ firmware, variables }: Request, name: Namer): Fault | undefined {
  if ((firmware === undefined) === (variables === undefined)) return undefined;
  return `${name("firmware")} and ${name("variables")} belong together: give both or neither`;
}

function fileAndAttribute({ file, attr }: Request, name: Namer): Fault | undefined {
  if (attr === undefined || file !== undefined) return undefined;
  return `${name("attr")}: names an attribute of a Nix file; give ${name("file")} as well`;
}

function rootStandsAlone(request: Request, name: Namer): Fault | undefined {
  if (request.root === undefined) return undefined;
  const extra = namesOf(name, optionsOfSystem(request));
  return extra && `${name("root")}: a root tree of one's own takes no Nix system; drop ${extra}`;
}

function nixosInstallDoesAll(request: Request, name: Namer): Fault | undefined {
  if (request.installer !== "nixos-install") return undefined;
  const hasHostEngine = request.engine === "host";
  const named: Namer = (key) => (key === "engine" ? `${name("engine")} host` : name(key));
  const extra = namesOf(named, {
    root: request.root !== undefined,
    onlyNixStore: request.onlyNixStore,
    engine: hasHostEngine,
    capture: request.capture.length > 0,
  });
  return (
    extra &&
    `${name("installer")}: nixos-install installs a whole NixOS system in a guest, and all that it leaves is kept; drop ${extra}`
  );
}
