/** `sealed` is null for a secret that was deleted: its versions go on where they were. */
export const secrets = `
CREATE TABLE vault (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  data_key BLOB NOT NULL,
  sealing_key BLOB NOT NULL,
  public_key BLOB NOT NULL
) STRICT;

CREATE TABLE secret (
  tenant TEXT NOT NULL,
  name TEXT NOT NULL,
  version INTEGER NOT NULL,
  sealed BLOB,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (tenant, name)
) STRICT, WITHOUT ROWID;
`
