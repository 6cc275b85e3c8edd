/** What else a tenant may; of pools as JSON. */
export const quotas = `
ALTER TABLE tenant ADD COLUMN weight REAL;
ALTER TABLE tenant ADD COLUMN pool_running TEXT;
ALTER TABLE tenant ADD COLUMN pool_queued TEXT;
ALTER TABLE tenant ADD COLUMN memory_mib INTEGER;
ALTER TABLE tenant ADD COLUMN process_seconds_per_day REAL;
ALTER TABLE tenant ADD COLUMN run_seconds REAL;
ALTER TABLE tenant ADD COLUMN time_zone TEXT;
`
