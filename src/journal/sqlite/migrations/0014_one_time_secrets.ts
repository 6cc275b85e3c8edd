/** Values that came with a submission, as long as its task has not ended. `key` is the data key that they are under. */
export const oneTimeSecrets = `
CREATE TABLE one_time_secret (
  task INTEGER NOT NULL,
  name TEXT NOT NULL,
  key INTEGER NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (task, name)
) STRICT, WITHOUT ROWID;
`
