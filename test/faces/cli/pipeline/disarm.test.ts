import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { disarm, harmless, harmlessJson } from '../../../../src/faces/cli/pipeline/disarm.ts'

/** As the runner of GitHub looks for commands: at the beginning of a line, or with `##[` anywhere in it. */
const isCommand = (line: string) => /^\s*::/.test(line) || line.includes('##[')
const commandsIn = (text: string) => text.split(/\r\n|\r|\n/).filter(isCommand)

const hostile = [
  '::error file=a.ts,line=1::pwned',
  '  \t::set-output name=a::b',
  'harmless\n::add-mask::e',
  'harmless\r::add-mask::e',
  'harmless\u0085::add-mask::e',
  'harmless\u2028::add-mask::e',
  '\u001b[31m::stop-commands::x\u001b[0m',
  ':\u001b[0m:error::the halves come together',
  '#\u001b[0m#[error]the halves come together',
  'said ##[set-env name=PATH]/tmp',
  '\u00a0\ufeff::notice::x',
  ':::warning::x',
  '. ::debug::x',
]

describe('what a task says in a pipeline', () => {
  it.each(hostile)('is no command of it: %j', (text) => {
    expect(commandsIn(harmless(text))).toEqual([])
    expect(commandsIn(harmlessJson({ text }))).toEqual([])
    expect(JSON.parse(harmlessJson({ text }, 2))).toEqual({ text })
  })

  it('is no command of it, whatever it is', () => {
    const piece = fc.constantFrom(':', '#', '[', ' ', '\n', '\r', '\t', '\u001b[0m', '\u200b', '\u0085', 'a', '::', '.')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        expect(commandsIn(harmless(pieces.join('')))).toEqual([])
      }),
    )
  })

  it('opens and closes no section of GitLab', () => {
    const said = harmless('\u001b[0Ksection_end:1:mayfly\r\u001b[0K\n\u001b[0Ksection_start:1:x[collapsed=true]\r')
    expect(said).not.toMatch(/section_(start|end):/)
    expect(['\u001b', '\r'].filter((one) => said.includes(one))).toEqual([])
  })

  it('stays as it is where it means nothing', () => {
    const text = 'std::vector a::b\nC:: and more: ## [x]\n  at file:///a.ts:1:2\n'
    expect(disarm(text)).toBe(text)
  })

  it('takes no longer for a long text of nothing but ends of lines', () => {
    const before = performance.now()
    disarm('\n'.repeat(200_000) + '-'.repeat(200_000))
    expect(performance.now() - before).toBeLessThan(5_000)
  })
})
