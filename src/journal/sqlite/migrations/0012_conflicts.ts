/** What finds the tasks of a concurrency key that have not ended. */
export const conflicts = `
CREATE INDEX task_of_key ON task (tenant, lane_key)
  WHERE lane_key IS NOT NULL AND state IN ('queued', 'starting', 'running', 'settling');
`
