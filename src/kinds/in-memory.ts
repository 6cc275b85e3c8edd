/** Why nothing of a kind is done whose files are to be in memory where they cannot be, in one sentence. */
export const inMemoryRefusal =
  'tasks of this kind are to have their files in memory, and cannot have them there here: that takes isolation level 2 and bubblewrap 0.7 (`mayfly doctor` says what it lacks)'
