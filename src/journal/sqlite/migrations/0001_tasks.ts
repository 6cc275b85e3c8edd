/**
 * `task` is rewritten with every event, so it holds what is small; what may be large lies in `body`. Both, and all that
 * belongs to a task, are keyed by its short `number`; ids are for the outside.
 */
export const tasks = `
CREATE TABLE instance (
  id TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE boot (
  id INTEGER PRIMARY KEY,
  node TEXT,
  pid INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  stopping_at INTEGER
) STRICT;

CREATE TABLE task (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  tenant TEXT NOT NULL,
  kind TEXT NOT NULL,
  pool TEXT NOT NULL,
  state TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  labels TEXT NOT NULL,
  priority REAL NOT NULL,
  concurrency TEXT,
  secrets TEXT NOT NULL,
  retry TEXT NOT NULL,
  limits TEXT NOT NULL,
  not_before INTEGER,
  expires_at INTEGER,
  front INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  start_failures INTEGER NOT NULL,
  losses INTEGER NOT NULL,
  cancel_requested INTEGER NOT NULL,
  progress TEXT,
  outcome TEXT,
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  settled_at INTEGER,
  last_seq INTEGER NOT NULL,
  isolation INTEGER,
  node TEXT
) STRICT;

CREATE INDEX task_of_tenant ON task (tenant, id);
CREATE INDEX task_in_state ON task (state, tenant, id);

CREATE TABLE body (
  task INTEGER PRIMARY KEY,
  input TEXT,
  checkpoint TEXT,
  result TEXT,
  error TEXT
) STRICT;

CREATE TABLE event (
  task INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  type TEXT NOT NULL,
  at INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (task, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE attempt (
  task INTEGER NOT NULL,
  number INTEGER NOT NULL,
  boot INTEGER NOT NULL,
  worker TEXT NOT NULL,
  isolation INTEGER NOT NULL,
  pid INTEGER,
  start_ticks INTEGER,
  boot_id TEXT,
  started_at INTEGER NOT NULL,
  checkpointed INTEGER NOT NULL DEFAULT 0,
  ended_at INTEGER,
  outcome TEXT,
  error TEXT,
  usage TEXT,
  PRIMARY KEY (task, number)
) STRICT, WITHOUT ROWID;
`
