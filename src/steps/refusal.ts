/** The line of standard error after which a script says what it found in the way, and ends. */
export const refusalMark = "==> no command of this step has run:";
