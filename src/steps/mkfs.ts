import { namesOf } from "../layout/identity-of-filesystem.ts";
import type { StepContext } from "./context.ts";
import { splitWords } from "./words.ts";

/** What names a filesystem or swap space, in the tree. */
interface NamedNode {
  readonly label: string | null;
  readonly uuid: string | null;
  readonly extraArgs: readonly string[];
}

interface Flags {
  readonly label: (label: string) => string[];
  readonly uuid?: (uuid: string) => string[];
  /** How the user may have said it in further arguments. */
  readonly known: RegExp;
  /** Without these it takes the clock and random numbers. */
  readonly fixed?: readonly string[];
}

const plain: Flags = { label: (label) => ["-L", label], uuid: (uuid) => ["-U", uuid], known: /^(-U|--uuid\b)/ };

const flagsOf: Readonly<Record<string, Flags>> = {
  ext2: plain,
  ext3: plain,
  ext4: plain,
  btrfs: plain,
  swap: plain,
  bcachefs: { ...plain, uuid: (uuid) => [`--uuid=${uuid}`] },
  f2fs: { ...plain, label: (label) => ["-l", label], fixed: ["-r", "-T", "1"] },
  vfat: { label: (label) => ["-n", label], uuid: (uuid) => ["-i", uuid.replace("-", "")], known: /^-i/ },
  xfs: { label: (label) => ["-L", label], uuid: (uuid) => ["-m", `uuid=${uuid}`], known: /\buuid=/ },
  exfat: { label: (label) => ["-L", label], known: /^$/ },
  ntfs: { label: (label) => ["-L", label], known: /^$/ },
};

/** The arguments by which a mkfs gives the label and UUID of the tree or the seed, and the user's own. */
export function mkfsArguments(node: NamedNode, format: string, path: string, context: StepContext): string[] {
  const words = splitWords(node.extraArgs);
  const flags = flagsOf[format];
  if (flags === undefined) return words;
  const label = node.label === null ? [] : flags.label(node.label);
  const fixed = context.setting.identity === undefined ? [] : (flags.fixed ?? []);
  return [...fixed, ...label, ...uuidArguments(node, format, path, context), ...words];
}

function uuidArguments(node: NamedNode, format: string, path: string, { setting }: StepContext): string[] {
  const words = splitWords(node.extraArgs);
  const flags = flagsOf[format];
  if (flags?.uuid === undefined || words.some((word) => flags.known.test(word))) return [];
  if (node.uuid !== null) return flags.uuid(node.uuid);
  return setting.identity === undefined ? [] : flags.uuid(namesOf(node, format, path, setting.identity).uuid);
}
