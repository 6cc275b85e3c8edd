/** Which task an idempotency key belongs to. A task stays at least as long as its key does. */
export const keys = `
CREATE TABLE idempotency_key (
  tenant TEXT NOT NULL,
  key TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  task INTEGER NOT NULL,
  until INTEGER NOT NULL,
  PRIMARY KEY (tenant, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotency_key_until ON idempotency_key (until);
`
