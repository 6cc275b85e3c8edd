/** Who may do what, and what must not start. A tenant that is gone keeps its row, so that nobody gets its name. */
export const access = `
CREATE TABLE tenant (
  name TEXT PRIMARY KEY,
  running INTEGER,
  queued INTEGER,
  submits_per_minute INTEGER,
  created_at INTEGER NOT NULL,
  removed_at INTEGER
) STRICT, WITHOUT ROWID;

INSERT INTO tenant (name, created_at)
  SELECT 'default', CAST(unixepoch('subsec') * 1000 AS INTEGER);
INSERT OR IGNORE INTO tenant (name, created_at)
  SELECT tenant, min(created_at) FROM task GROUP BY tenant;

CREATE TABLE token (
  id TEXT PRIMARY KEY,
  digest TEXT NOT NULL,
  name TEXT NOT NULL,
  tenant TEXT NOT NULL,
  role TEXT NOT NULL,
  pools TEXT,
  kinds TEXT,
  paths INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  last_used_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE pause (
  id TEXT PRIMARY KEY,
  kind TEXT,
  pool TEXT,
  tenant TEXT,
  key TEXT,
  reason TEXT,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`
