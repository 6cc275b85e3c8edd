const [oldest, newest] = [50, 66]
const seasons = ['Winter', 'Spring', 'Summer'] as const

/** What `GET /services/data` lists, oldest first. Version 62.0 is Winter '25. */
export const versions = Array.from({ length: newest - oldest + 1 }, (_, index) => {
  const version = `${oldest + index}.0`
  const season = seasons[(oldest + index - 62 + 300) % 3]
  const year = 25 + Math.floor((oldest + index - 62) / 3)
  return { label: `${season} '${year}`, url: `/services/data/v${version}`, version }
})

export function isVersion(version: string): boolean {
  return versions.some((known) => known.version === version)
}
