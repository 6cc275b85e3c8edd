import { describe, expect, it } from 'vitest'
import { recompose } from '../../../../workers/deploy/build/recompose.ts'

const namespace = 'xmlns="http://soap.sforce.com/2006/04/metadata"'
const root = {
  file: 'o.xml',
  text: `<?xml version="1.0" encoding="UTF-8"?>\n<CustomObject ${namespace}>\n    <label>A &amp; B</label>\n    <searchLayouts/>\n</CustomObject>\n`,
}
const field = (name: string, inner: string) => ({
  element: 'fields',
  file: `${name}.xml`,
  text: `<?xml version="1.0" encoding="UTF-8"?>\r\n<CustomField ${namespace}>\r\n    <fullName>${name}</fullName>\r\n    ${inner}\r\n</CustomField>\r\n`,
})

describe('decomposed metadata', () => {
  it('becomes one file again that has every part as it was written', () => {
    const formula = '<formula>IF(a &lt; 1, <![CDATA[</formula> <x>]]>, "&quot;") <!-- </fields> --></formula>'
    const { text } = recompose('CustomObject', [root], [field('B', formula), field('A', '<type>Text</type>')])
    expect(text).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<CustomObject ${namespace}>
    <label>A &amp; B</label>
    <searchLayouts/>
    <fields>
    <fullName>A</fullName>
    <type>Text</type>
</fields>
    <fields>
    <fullName>B</fullName>
    ${formula}
</fields>
</CustomObject>
`)
  })

  it('tells for each line where it was', () => {
    const { text, segments } = recompose('CustomObject', [root], [field('A', '<type>Text</type>')])
    const line = text.split('\n').findIndex((one) => one.includes('<type>')) + 1
    const [from = 0, file, there = 0] = segments.findLast(([start]) => start <= line) ?? [0, '', 0]
    expect([file, there + line - from]).toEqual(['A.xml', 4])
  })

  it('keeps elements of one name together', () => {
    const withField = { file: 'o.xml', text: '<CustomObject><fields><a/></fields><label>L</label></CustomObject>' }
    const { text } = recompose('CustomObject', [withField], [field('A', '<b/>')])
    expect([...text.matchAll(/<(fields|label)>/g)].map(([, name]) => name)).toEqual(['fields', 'fields', 'label'])
  })

  it('begins empty where there is no file of the whole, or none with anything in it', () => {
    const empty = { file: 'o.xml', text: `<CustomObject ${namespace}/>` }
    expect(recompose('CustomObject', [empty], []).isEmptyRoot).toBe(true)
    expect(recompose('CustomObject', [], [field('A', '')]).isEmptyRoot).toBe(true)
    expect(recompose('CustomObject', [root], []).isEmptyRoot).toBe(false)
  })

  it('keeps namespaces that parts need', () => {
    const text = `<CustomField ${namespace} xmlns:xsi="http://x"><v xsi:nil="true"/></CustomField>`
    expect(recompose('CustomObject', [], [{ element: 'fields', file: 'f', text }]).text).toContain(
      '<fields xmlns:xsi="http://x"><v xsi:nil="true"/></fields>',
    )
  })

  it('says which file is not well-formed', () => {
    const broken = (text: string) => () => recompose('CustomObject', [{ file: 'bad.xml', text }], [])
    expect(broken('no XML')).toThrow('bad.xml is not well-formed XML')
    expect(broken('<CustomObject><a></CustomObject>')).toThrow('bad.xml is not well-formed XML')
    expect(broken('<CustomObject><a></a>')).toThrow('bad.xml is not well-formed XML')
  })
})
