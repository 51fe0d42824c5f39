import test from "ava";
import { MkimageError } from "../../../src/base/errors.ts";
import { chooseOwnInstaller, type FoundInstaller, nixTools } from "../../../src/pipeline/plan/own-installer.ts";

const found: FoundInstaller = {
  toplevel: "/nix/store/x-system",
  architecture: "x86_64",
  programsFor: "x86_64",
  inSystem: "/nix/store/x-system/sw/bin/nixos-install",
  elsewhere: undefined,
  systemHasNix: true,
  nixTools: [],
};
const elsewhere = { program: "/nix/store/y-install/bin/nixos-install", storePath: "/nix/store/y-install" };

test("the system's own programs come before any others", (t) => {
  t.deepEqual(chooseOwnInstaller({ ...found, elsewhere, nixTools }), {
    program: "/nix/store/x-system/sw/bin/nixos-install",
    storePaths: [],
    tools: [],
  });
});

test("another nixos-install comes with its store path, and Nix with the toolbox", (t) => {
  t.deepEqual(chooseOwnInstaller({ ...found, inSystem: undefined, elsewhere, systemHasNix: false, nixTools }), {
    program: elsewhere.program,
    storePaths: [elsewhere.storePath],
    tools: ["nix", "nix-env", "nix-store"],
  });
});

const refusals: readonly (readonly [string, Partial<FoundInstaller>, readonly RegExp[]])[] = [
  ["no nixos-install", { inSystem: undefined }, [/^there is no nixos-install in \/nix\/store\/x-system\/sw\/bin, nor/]],
  ["no Nix anywhere", { systemHasNix: false }, [/^there is no Nix in .*could not be given nix, nix-env, nix-store;/]],
  ["half of Nix", { systemHasNix: false, nixTools: ["nix"] }, [/could not be given nix-env, nix-store;/]],
  [
    "a system of another processor",
    { architecture: "aarch64" },
    [/^the system is for aarch64, .*\(x86_64\).*--toolbox/],
  ],
  [
    "all of it at once",
    { inSystem: undefined, systemHasNix: false, architecture: "aarch64" },
    [/no nixos-install/, /no Nix/, /for aarch64/],
  ],
];

for (const [title, changes, faults] of refusals) {
  test(`refused, with a way out: ${title}`, (t) => {
    const error = t.throws(() => chooseOwnInstaller({ ...found, ...changes }), { instanceOf: MkimageError });
    t.like(error, { code: "BAD_REQUEST" });
    t.regex(error.hint ?? "", /--installer built-in/);
    t.is(error.details.length, faults.length, error.details.join("\n"));
    faults.forEach((fault, index) => t.regex(error.details[index] ?? "", fault));
  });
}

test("programs of a toolbox of the user's may be for any processor", (t) => {
  t.notThrows(() => chooseOwnInstaller({ ...found, architecture: "aarch64", programsFor: "any" }));
});
