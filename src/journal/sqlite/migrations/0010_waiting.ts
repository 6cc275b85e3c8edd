/**
 * The orders in which queued tasks come next: in their lanes, and by their times. The computed columns repeat what
 * `src/schedule/order.ts` says; they take no room but in the index.
 */
export const waiting = `
ALTER TABLE task ADD COLUMN preemptions INTEGER NOT NULL DEFAULT 0;
ALTER TABLE task ADD COLUMN lane_key TEXT AS (concurrency ->> '$.key') VIRTUAL;
ALTER TABLE task ADD COLUMN rank INTEGER AS (1 - front) VIRTUAL;
ALTER TABLE task ADD COLUMN turn_at REAL
  AS (coalesce(not_before, created_at) - 1000 * max(-3600, min(3600, priority))) VIRTUAL;

CREATE INDEX task_in_lane ON task (tenant, pool, kind, lane_key, rank, turn_at, created_at, id)
  WHERE state = 'queued';
CREATE INDEX task_later ON task (not_before, id)
  WHERE state = 'queued' AND not_before IS NOT NULL AND awaits IS NULL;
CREATE INDEX task_expiring ON task (expires_at, id)
  WHERE state = 'queued' AND expires_at IS NOT NULL AND cleaning IS NULL;
`
