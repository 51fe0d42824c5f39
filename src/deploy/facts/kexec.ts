import type { MachineRecords } from "../../remote/records.ts";
import type { Said } from "./said.ts";
import type { KexecFacts } from "./target-facts.ts";

/** Reads what can forbid another kernel. Pure. */
export function readKexec(said: Said, records: MachineRecords): KexecFacts {
  const disabled = said.text("/proc/sys/kernel/kexec_load_disabled");
  return {
    secureBoot: secureBoot(records),
    lockdown: /\[(\w+)\]/.exec(said.text("/sys/kernel/security/lockdown") ?? "")?.[1],
    disabled: disabled?.trim() === "1",
    isSupported: disabled !== undefined || said.folders.has("/sys/kernel/kexec_loaded"),
    isPermitted: hasCapability(said.text("/proc/self/status") ?? ""),
  };
}

/** Four bytes of attributes, and one that is 1 where it is on. Source: UEFI specification, SecureBoot; efivarfs. */
function secureBoot(records: MachineRecords): boolean | undefined {
  const [, hex] = records.of("X").find(([path = ""]) => path.includes("/efivars/SecureBoot-")) ?? [];
  const value = /^[0-9a-f]{8}(0[01])$/.exec(hex ?? "")?.[1];
  return value === undefined ? undefined : value === "01";
}

/** CAP_SYS_BOOT. Source: Linux, include/uapi/linux/capability.h. */
const bootCapability = 1n << 22n;

/** Where the kernel does not say it, nothing is forbidden. */
function hasCapability(status: string): boolean {
  const [, mask] = /^CapEff:\s*([0-9a-f]{16})$/m.exec(status) ?? [];
  return mask === undefined || (BigInt(`0x${mask}`) & bootCapability) !== 0n;
}
