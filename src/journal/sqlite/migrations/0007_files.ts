/** What clients sent for tasks to use, which tasks refer to it, and what finds the keys of a task that is to be forgotten. */
export const files = `
CREATE TABLE upload (
  id TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX upload_of_tenant ON upload (tenant, bytes);

CREATE TABLE task_upload (
  task INTEGER NOT NULL,
  upload TEXT NOT NULL,
  PRIMARY KEY (task, upload)
) STRICT, WITHOUT ROWID;

CREATE INDEX task_upload_by_upload ON task_upload (upload);
CREATE INDEX idempotency_key_of_task ON idempotency_key (task);
`
