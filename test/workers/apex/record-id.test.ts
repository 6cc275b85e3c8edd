import { describe, expect, it } from 'vitest'
import { looksLikeRecordId, suffixOf } from '../../../workers/apex/record-id.ts'

describe('ids of records', () => {
  it('with 18 characters end with what their capitals are', () => {
    expect(suffixOf('001D000000IqhSL')).toBe('IAZ')
    expect(looksLikeRecordId('001D000000IqhSLIAZ')).toBe(true)
    expect(looksLikeRecordId('001D000000IqhSLIAA')).toBe(false)
  })
  it('with 15 characters have digits', () => {
    expect(looksLikeRecordId('001D000000IqhSL')).toBe(true)
    expect(looksLikeRecordId('Internationaliz')).toBe(false)
    expect(looksLikeRecordId('000000000000000')).toBe(false)
  })
})
