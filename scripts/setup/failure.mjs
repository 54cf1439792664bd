/** A failure that a person can mend: its message is printed alone, without a stack. */
export class SetupFailure extends Error {}
