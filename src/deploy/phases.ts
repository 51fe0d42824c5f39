/** The parts of a deployment, in their order. */
export const phases = ["facts", "kexec", "disks", "install", "reboot", "prove"] as const;

export type Phase = (typeof phases)[number];

/** Reads phases with commas between them; undefined where one of them is none. They run in their own order. */
export function phasesOf(text: string): readonly Phase[] | undefined {
  const names = text.split(",").map((name) => name.trim());
  return names.every(isPhase) ? phases.filter((phase) => names.includes(phase)) : undefined;
}

/** Whether a target is only looked at, for which no system is needed. */
export function onlyLooks(chosen: readonly Phase[]): boolean {
  return chosen.every((phase) => phase === "facts");
}

function isPhase(name: string): boolean {
  return (phases as readonly string[]).includes(name);
}

/** The states of a target, for errors: each holds from the beginning of its phase on. */
export const statesOf = {
  facts: "nothing was changed there",
  kexec: "its disks are as they were; a restart brings its old system back",
  disks: "what was on its disks is lost in part; the same command goes on from here",
  install: "its disks are complete but for what starts it; the same command goes on from here",
  reboot: "its disks are complete; restart it if it does not do so by itself",
  prove: "its disks are complete and it was restarted",
} as const satisfies Record<Phase, string>;
