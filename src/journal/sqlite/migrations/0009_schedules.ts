/** Schedules, what became of their ticks, and the uploads that they hold on to. */
export const schedules = `
CREATE TABLE schedule (
  id TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  name TEXT,
  timing TEXT NOT NULL,
  kind TEXT NOT NULL,
  task TEXT NOT NULL,
  overlap TEXT NOT NULL,
  catch_up TEXT NOT NULL,
  jitter_ms INTEGER NOT NULL,
  paused INTEGER NOT NULL,
  owner TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  cursor INTEGER NOT NULL,
  next_at INTEGER,
  revision INTEGER NOT NULL
) STRICT;

CREATE INDEX schedule_tenant ON schedule (tenant, id);
CREATE UNIQUE INDEX schedule_name ON schedule (tenant, name) WHERE name IS NOT NULL;
CREATE INDEX schedule_next ON schedule (next_at, id) WHERE next_at IS NOT NULL;

CREATE TABLE schedule_fire (
  number INTEGER PRIMARY KEY,
  schedule TEXT NOT NULL,
  tick INTEGER,
  at INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  ticks INTEGER NOT NULL,
  task TEXT,
  code TEXT,
  reason TEXT,
  by TEXT
) STRICT;

CREATE INDEX schedule_fire_order ON schedule_fire (schedule, number);
CREATE UNIQUE INDEX schedule_fire_tick ON schedule_fire (schedule, tick) WHERE tick IS NOT NULL;

CREATE TABLE schedule_upload (
  upload TEXT NOT NULL,
  schedule TEXT NOT NULL,
  PRIMARY KEY (upload, schedule)
) STRICT, WITHOUT ROWID;

CREATE INDEX schedule_upload_schedule ON schedule_upload (schedule);
`
