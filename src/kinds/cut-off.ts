/** Why nothing of a kind is done that is to have no network where nothing keeps it from it, in one sentence. */
export const cutOffRefusal =
  'tasks of this kind are to have no network, and nothing keeps them from it here: that takes isolation level 2 (`mayfly doctor` says what it lacks)'
