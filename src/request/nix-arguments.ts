/** How Nix evaluates and builds for a request, beside its own settings. */
export interface NixWishes {
  readonly impure?: boolean | undefined;
  readonly showTrace?: boolean | undefined;
  /** Inputs of the flake by name, and the references that take their place. */
  readonly overrideInput?: readonly (readonly [name: string, reference: string])[] | undefined;
  /** Settings of Nix by name, and their values. */
  readonly option?: readonly (readonly [name: string, value: string])[] | undefined;
}

/** The arguments that every `nix` command of a request gets. Pure. */
export function nixArgumentsOf({
  impure = false,
  showTrace = false,
  overrideInput = [],
  option = [],
}: NixWishes): string[] {
  return [
    ...(impure ? ["--impure"] : []),
    ...(showTrace ? ["--show-trace"] : []),
    ...overrideInput.flatMap(([name, reference]) => ["--override-input", name, reference]),
    ...option.flatMap(([name, value]) => ["--option", name, value]),
  ];
}
