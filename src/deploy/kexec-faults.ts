import type { DeviceFault } from "../machine/rules.ts";
import type { TargetFacts } from "./facts/target-facts.ts";

/** Finds the reasons for which a machine cannot be started into another kernel by the one that runs. Pure. */
export function kexecFaults({ container, kexec, release }: TargetFacts): DeviceFault[] {
  if (container !== undefined) {
    return [
      {
        message: `the machine is a container (${container}), whose kernel is another machine's`,
        hint: "deploy to the machine that runs it, or to a virtual machine",
      },
    ];
  }
  const { secureBoot, lockdown, disabled, isSupported, isPermitted } = kexec;
  const faults: readonly (readonly [boolean, DeviceFault])[] = [
    [secureBoot === true, secureBootFault],
    [lockdown !== undefined && lockdown !== "none", lockdownFault(lockdown)],
    [disabled, disabledFault],
    [!isSupported, unsupportedFault(release)],
    [!isPermitted, deniedFault],
  ];
  return faults.filter(([holds]) => holds).map(([, fault]) => fault);
}

const rescue = "or start a rescue system of the provider's and deploy to that";

const secureBootFault: DeviceFault = {
  message: "Secure Boot is on: the machine starts only kernels that its firmware trusts, now and after the deployment",
  hint: "turn Secure Boot off in the firmware's settings",
};

const disabledFault: DeviceFault = {
  message: "the machine's kernel starts no other one until it is started anew: kernel.kexec_load_disabled is 1",
  hint: `take that out of /etc/sysctl.d there and reboot, ${rescue}`,
};

const deniedFault: DeviceFault = {
  message: "root there may not start another kernel: it lacks CAP_SYS_BOOT",
  hint: "connect in a way that leads to a root with all capabilities, not to one of a service or a container",
};

function lockdownFault(level: string | undefined): DeviceFault {
  return {
    message: `the machine's kernel is locked down (${level}) and starts no other one`,
    hint: `turn Secure Boot off, take lockdown= out of its command line, ${rescue}`,
  };
}

function unsupportedFault(release: string): DeviceFault {
  return {
    message: `the machine's kernel ${release} was built without kexec`,
    hint: `start another kernel there, ${rescue}`,
  };
}
