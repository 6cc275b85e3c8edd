import { describe, expect, it } from 'vitest'
import { metadataTypes, partsOf, typeNamed, typesIn, typesWith } from '../../../workers/metadata/types.ts'

describe('the types of metadata', () => {
  it('are found by name, directory and suffix', () => {
    expect(typeNamed('ApexClass')).toEqual({
      name: 'ApexClass',
      directory: 'classes',
      suffix: 'cls',
      shape: 'content',
      inFolders: false,
      strict: false,
    })
    expect(typesIn('reports').map(({ name }) => name)).toEqual(['Report', 'ReportFolder'])
    expect(typesWith('site').map(({ name }) => name)).toEqual(['CustomSite', 'SiteDotCom'])
    expect(typeNamed('Nothing')).toBeUndefined()
  })

  it('have names of their own', () => {
    expect(new Set(metadataTypes.map(({ name }) => name)).size).toBe(metadataTypes.length)
  })

  it('are told apart by suffix and directory where they are plain', () => {
    const places = metadataTypes
      .filter(({ shape }) => shape === 'plain')
      .map(({ directory, suffix }) => `${directory}/${suffix}`)
    expect(new Set(places).size).toBe(places.length)
  })

  it('are decomposed where parts are known', () => {
    const decomposed = metadataTypes.filter(({ shape }) => shape === 'decomposed').map(({ name }) => name)
    expect(Object.keys(partsOf).sort()).toEqual(decomposed.sort())
  })
})
