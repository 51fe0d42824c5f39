/** The last line of standard error of a script that found something in the way. */
export const refusalMark = "==> no command of this step has run";
