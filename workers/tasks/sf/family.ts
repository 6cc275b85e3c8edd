/**
 * What workers of the family `sf` load while they stand by: jsforce in the parts that tasks use. Their import takes
 * longer than the start of Node does several times over, and is the same for all tasks.
 */
export const preload: readonly string[] = [
  'jsforce/lib/connection.js',
  'jsforce/lib/api/metadata.js',
  'jsforce/lib/api/tooling.js',
].map((part) => import.meta.resolve(part))
