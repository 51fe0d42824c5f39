import type { Tool } from "../runtime/tools.ts";

/** The processor of a guest. */
export type Architecture = "x86_64" | "aarch64";

/** The traits that differ between guest architectures. */
interface ArchitectureTraits {
  readonly qemu: Tool;
  /** The value of `-machine`; `smm=on` is added where a firmware needs it. */
  readonly machine: string;
  /** The processor model under TCG; KVM always takes the host's. */
  readonly emulatedProcessor: string;
  /** The serial console as Linux calls it. */
  readonly console: string;
  /** The name that Node, and the name that QEMU's firmware descriptors use. */
  readonly nodeName: string;
}

export const architectures: Readonly<Record<Architecture, ArchitectureTraits>> = {
  x86_64: {
    qemu: "qemu-system-x86_64",
    machine: "q35",
    // Page tables of five levels cost an emulated guest a tenth of its speed, and buy nothing.
    emulatedProcessor: "max,la57=off",
    console: "ttyS0",
    nodeName: "x64",
  },
  aarch64: {
    qemu: "qemu-system-aarch64",
    machine: "virt",
    emulatedProcessor: "max,pauth-impdef=on",
    console: "ttyAMA0",
    nodeName: "arm64",
  },
};

/** The architecture of the programs of this machine. */
export function ownArchitecture(): Architecture {
  return architectures.aarch64.nodeName === process.arch ? "aarch64" : "x86_64";
}

/** The architecture of a Nix system name such as `x86_64-linux`; `undefined` where we have no guest for it. */
export function architectureOf(system: string): Architecture | undefined {
  const [processor] = system.split("-");
  return processor === "x86_64" || processor === "aarch64" ? processor : undefined;
}
