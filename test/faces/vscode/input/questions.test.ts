import { describe, expect, it } from 'vitest'
import { questionsOf, uploadOf } from '../../../../src/faces/vscode/input/questions.ts'
import exec from '../../../../workers/tasks/exec.ts'
import lint from '../../../../workers/tasks/lint.ts'

const formsOf = (schema: unknown) => Object.fromEntries(questionsOf(schema).map(({ name, form }) => [name, form]))

describe('the questions of a schema', () => {
  it('are one for each member, what is needed first', () => {
    const schema = {
      type: 'object',
      required: ['name'],
      properties: { loud: { type: 'boolean' }, name: { type: 'string', title: 'Name', description: 'of somebody' } },
    }
    expect(questionsOf(schema)).toMatchObject([
      { name: 'name', form: 'text', isRequired: true, description: 'Name: of somebody' },
      { name: 'loud', form: 'boolean', isRequired: false },
    ])
  })

  it('fit the kinds that every server has', () => {
    expect(formsOf(lint.input)).toEqual({
      upload: 'upload',
      path: 'text',
      git: 'json',
      include: 'list',
      exclude: 'list',
      config: 'text',
      failOn: 'choice',
      rulesets: 'json',
      baseline: 'upload',
      format: 'json',
    })
    expect(formsOf(exec.input)).toMatchObject({ command: 'list', env: 'json', upload: 'upload', stdin: 'text' })
    expect(
      questionsOf(exec.input)
        .filter(({ isRequired }) => isRequired)
        .map(({ name }) => name),
    ).toEqual(['command'])
  })

  it.each([
    [{ enum: ['a', 2, null] }, ['a', 2, null]],
    [{ const: 'only' }, ['only']],
    [{ anyOf: [{ const: 'a' }, { const: 'b' }] }, ['a', 'b']],
  ])('offer what can be chosen: %j', (member, choices) => {
    expect(questionsOf({ properties: { it: member } })).toMatchObject([{ form: 'choice', choices }])
  })

  it('are one for an input that is no object of members, and none where nothing can be given', () => {
    expect(questionsOf({ type: 'array' })).toMatchObject([{ name: '', form: 'json', isRequired: true }])
    expect(questionsOf({ type: 'string' })).toMatchObject([{ name: '', form: 'text' }])
    expect(questionsOf({ type: 'object', additionalProperties: false })).toEqual([])
    expect([questionsOf({}), questionsOf(undefined), questionsOf(true)]).toEqual([[], [], []])
  })
})

describe('an upload', () => {
  it('goes to the first member that takes one', () => {
    expect(uploadOf(lint.input)).toBe('upload')
    const upload = { type: 'string', format: 'upload' }
    expect(uploadOf({ properties: { org: { type: 'string' }, source: upload, more: upload } })).toBe('source')
    expect(uploadOf({ properties: { name: { type: 'string' } } })).toBeUndefined()
  })
})
