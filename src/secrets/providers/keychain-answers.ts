/** Exit codes of the process that asks the keychain. */
export const ANSWER = { absent: 10, failed: 11, noLibrary: 12 } as const
