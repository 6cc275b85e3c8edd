/** Of each tenant only the newest day on which it used some: nothing to prune. */
export const processTime = `
CREATE TABLE process_time (
  tenant TEXT PRIMARY KEY,
  day INTEGER NOT NULL,
  seconds REAL NOT NULL
) STRICT, WITHOUT ROWID;
`
