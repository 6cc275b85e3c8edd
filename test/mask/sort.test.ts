import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Forms } from '../../src/mask/forms.ts'
import { sortedForms } from '../../src/mask/sort.ts'

function formsOf(texts: readonly Buffer[]): Forms {
  const forms = new Forms(64)
  for (const text of texts) {
    for (const byte of text) forms.write(byte)
    forms.close()
  }
  return forms
}

/** Sorted, and how often it would have rested. */
function sorted(forms: Forms): { texts: string[]; rests: number } {
  const sorting = sortedForms(forms)
  let [rests, step] = [0, sorting.next()]
  for (; !step.done; step = sorting.next()) rests++
  const textOf = (form: number) => forms.bytes.toString('latin1', forms.starts[form], forms.ends[form])
  return { texts: Array.from(step.value, textOf), rests }
}

const expected = (texts: readonly Buffer[]) => [...new Set(texts.map((text) => text.toString('latin1')))].sort()

it('sorts forms by their bytes, each once', () => {
  const text = fc.array(fc.constantFrom(0, 97, 98, 255), { minLength: 6, maxLength: 9 }).map((one) => Buffer.from(one))
  fc.assert(
    fc.property(fc.array(text, { maxLength: 200 }), (texts) => {
      expect(sorted(formsOf(texts)).texts).toEqual(expected(texts))
    }),
    { numRuns: 300 },
  )
})

it.each([10_000, 20_481])('sorts %i that begin alike with many rests', (count) => {
  const texts = Array.from({ length: count }, (_, at) => Buffer.from(`%22${(at * 7_919) % (count - 100)}-end`))
  const { texts: found, rests } = sorted(formsOf(texts))
  expect(found).toEqual(expected(texts))
  expect(rests).toBeGreaterThan(count / 1_000)
})
