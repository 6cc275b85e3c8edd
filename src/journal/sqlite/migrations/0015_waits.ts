/** For what an attempt waited: since when it was due, and for how long which rule held it back, as JSON. */
export const waits = `
ALTER TABLE attempt ADD COLUMN waited TEXT;
`
