/** Children and their parents, retried tasks, cleanups, and which code an attempt ran. */
export const families = `
ALTER TABLE task ADD COLUMN parent TEXT;
ALTER TABLE task ADD COLUMN child_key TEXT;
ALTER TABLE task ADD COLUMN depth INTEGER NOT NULL DEFAULT 0;
ALTER TABLE task ADD COLUMN retry_of TEXT;
ALTER TABLE task ADD COLUMN debug INTEGER NOT NULL DEFAULT 0;
ALTER TABLE task ADD COLUMN awaits TEXT;
ALTER TABLE task ADD COLUMN cleaning TEXT;
ALTER TABLE task ADD COLUMN cleanup_failures INTEGER NOT NULL DEFAULT 0;

CREATE UNIQUE INDEX task_child ON task (parent, child_key) WHERE parent IS NOT NULL;

ALTER TABLE attempt ADD COLUMN module_hash TEXT;
`
