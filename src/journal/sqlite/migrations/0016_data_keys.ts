/**
 * Several data keys, while secrets go over from one to the next. `next` is the same key under the master key to come:
 * whichever of the two is in its place after a crash, it opens one of them.
 */
export const dataKeys = `
CREATE TABLE data_key (
  id INTEGER PRIMARY KEY,
  wrapped BLOB NOT NULL,
  next BLOB
) STRICT;

INSERT INTO data_key (id, wrapped) SELECT 1, data_key FROM vault;
ALTER TABLE vault DROP COLUMN data_key;
ALTER TABLE vault ADD COLUMN next_sealing_key BLOB;
ALTER TABLE vault ADD COLUMN salt BLOB;
ALTER TABLE secret ADD COLUMN key INTEGER NOT NULL DEFAULT 1;
`
