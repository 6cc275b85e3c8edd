/** What backups are called, and so the directories that they lie in. */

/** In the directory of one that is not finished: what it is to hold. */
export const planName = 'plan.json'

export const orgPattern = '^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$'
export const backupIdPattern = '^[0-9]{8}T[0-9]{6}Z-(?:full|incremental)-[0-9a-z]{6}$'
