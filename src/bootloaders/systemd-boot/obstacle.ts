/**
 * Why the host cannot lay a bootloader out itself; the message ends a sentence that begins with "the host cannot install
 * the bootloader because". `recogniseInstaller` catches it: it decides between two engines, and is no error of the user's.
 */
export class Obstacle extends Error {}
