import { quote } from "../../base/quote.ts";
import type { Verb, VerbOption } from "./command-tree.ts";

/** The shells that completion is written for. */
export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/** A script that completes the program's verbs, options and their values in a shell. */
export function completionScript(shell: Shell, verbs: readonly Verb[]): string {
  return { bash, zsh, fish }[shell](verbs);
}

function bash(verbs: readonly Verb[]): string {
  return `# Completion of mkimage for bash: eval "$(mkimage completion bash)"
_mkimage() {
  local word=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} verb=build
  case \${COMP_WORDS[1]-} in
    ${verbs.map(({ name }) => name).join(" | ")}) verb=\${COMP_WORDS[1]} ;;
  esac
  if [ "$COMP_CWORD" = 1 ] && [ "\${word#-}" = "$word" ]; then
    mapfile -t COMPREPLY < <(compgen -W ${quote(verbs.map(({ name }) => name).join(" "))} -- "$word")
    return
  fi
  case "$verb $previous" in
${choiceCases(verbs)}
  esac
  case $verb in
${verbs.map(bashVerb).join("\n")}
  esac
}
complete -o default -F _mkimage mkimage
`;
}

/** The values of an option may differ from verb to verb. */
function choiceCases(verbs: readonly Verb[]): string {
  const lines = verbs.flatMap((verb) => verb.options.map((option) => bashChoices(verb, option)));
  return lines.filter((line) => line !== "").join("\n");
}

function bashChoices(verb: Verb, { name, choices }: VerbOption): string {
  if (choices.length === 0) return "";
  return `    "${verb.name} --${name}") mapfile -t COMPREPLY < <(compgen -W ${quote(choices.join(" "))} -- "$word"); return ;;`;
}

function bashVerb({ name, options }: Verb): string {
  const words = options.map((option) => `--${option.name}`).join(" ");
  return `    ${name}) [ "\${word#-}" = "$word" ] || mapfile -t COMPREPLY < <(compgen -W ${quote(words)} -- "$word") ;;`;
}

function zsh(verbs: readonly Verb[]): string {
  const entries = verbs.map(({ name, summary }) => `    ${quote(`${name}:${summary.replaceAll(":", "\\:")}`)}`);
  return `#compdef mkimage
_mkimage() {
  local verb=build
  local -a verbs
  verbs=(
${entries.join("\n")}
  )
  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
    _describe verb verbs
    _files
    return
  fi
  (( \${verbs[(I)$words[2]:*]} )) && verb=$words[2]
  case $verb in
${verbs.map(zshVerb).join("\n")}
  esac
}
compdef _mkimage mkimage
`;
}

function zshVerb({ name, options }: Verb): string {
  const lines = options.map((option) => `        ${quote(zshOption(option))} \\`);
  return `    ${name})\n      _arguments \\\n${lines.join("\n")}\n        '*:file:_files' ;;`;
}

function zshOption({ name, placeholder, summary, choices }: VerbOption): string {
  const text = summary.replaceAll(/[[\]]/g, "\\$&").replaceAll(":", "\\:");
  if (placeholder === undefined) return `--${name}[${text}]`;
  const values = choices.length > 0 ? `(${choices.join(" ")})` : "_files";
  return `--${name}=[${text}]:${placeholder.replaceAll(/[^\w -]/g, "")}:${values}`;
}

function fish(verbs: readonly Verb[]): string {
  const names = verbs.map(({ name }) => name).join(" ");
  const lines = verbs.flatMap((verb) => [
    `complete -c mkimage -n __fish_use_subcommand -a ${verb.name} -d ${fishQuote(verb.summary)}`,
    ...verb.options.map((option) => fishOption(verb, option, names)),
  ]);
  return `# Completion of mkimage for fish: mkimage completion fish | source\n${lines.join("\n")}\n`;
}

/** A call without a verb is build. */
function fishOption({ name: verb }: Verb, { name, placeholder, summary, choices }: VerbOption, names: string): string {
  const seen = `__fish_seen_subcommand_from ${verb}`;
  const condition = verb === "build" ? `${seen}; or not __fish_seen_subcommand_from ${names}` : seen;
  const value = choices.length > 0 ? ` -x -a ${fishQuote(choices.join(" "))}` : placeholder === undefined ? "" : " -r";
  return `complete -c mkimage -n ${fishQuote(condition)} -l ${name} -d ${fishQuote(summary)}${value}`;
}

function fishQuote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
