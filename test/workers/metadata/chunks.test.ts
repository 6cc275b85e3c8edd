import { describe, expect, it } from 'vitest'
import { chunksOf, halvesOf, typesOf } from '../../../workers/metadata/chunks.ts'

describe('parts of metadata', () => {
  const members = ['b', 'a', 'c'].flatMap((name) => [
    { type: 'ApexClass', name },
    { type: 'Layout', name },
  ])

  it('hold each member once, types together', () => {
    const chunks = chunksOf(members, 4)
    expect(chunks.map((chunk) => chunk.length)).toEqual([4, 2])
    expect(typesOf(chunks[0] ?? [])).toEqual([
      { name: 'ApexClass', members: ['a', 'b', 'c'] },
      { name: 'Layout', members: ['a'] },
    ])
  })

  it('are halved until one member is left', () => {
    expect(halvesOf(members)?.map((half) => half.length)).toEqual([3, 3])
    expect(halvesOf(members.slice(0, 1))).toBeUndefined()
  })
})
