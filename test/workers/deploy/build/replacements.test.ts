import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { unzipSync } from 'fflate'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { build } from '../../../../workers/deploy/build/build.ts'
import type { Variable } from '../../../../workers/deploy/build/replacements.ts'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mayfly-replacements-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const meta = (type: string, inner = '') =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${type} xmlns="http://soap.sforce.com/2006/04/metadata">${inner}</${type}>\n`
const image = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, ...Buffer.from('TOKEN')])

const sources: Readonly<Record<string, string | Buffer>> = {
  'app/classes/Shop.cls': "class Shop { String a = 'TOKEN'; String b = 'TOKEN'; String c = 'v1.2'; }",
  'app/classes/Shop.cls-meta.xml': meta('ApexClass', '<status>TOKEN</status>'),
  'app/classes/Workshop.cls': "class Workshop { String a = 'TOKEN'; }",
  'app/classes/Workshop.cls-meta.xml': meta('ApexClass'),
  'app/objects/Shop__c/fields/Size__c.field-meta.xml': meta(
    'CustomField',
    '<fullName>Size__c</fullName><label>TOKEN</label>',
  ),
  'app/staticresources/pack/a.txt': 'TOKEN',
  'app/staticresources/pack/b.png': image,
  'app/staticresources/pack.resource-meta.xml': meta('StaticResource'),
  'values/token.txt': '  from a file $1 $&\n',
  'values/empty.txt': ' \n',
}

function built(
  replacements: readonly object[],
  variables: Readonly<Record<string, string | Variable>> = {},
  more: Readonly<Record<string, string>> = {},
) {
  const config = JSON.stringify({ packageDirectories: [{ path: 'app' }], replacements })
  for (const [path, content] of Object.entries({ ...sources, ...more, 'sfdx-project.json': config })) {
    mkdirSync(join(root, dirname(path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  const given = new Map(
    Object.entries(variables).map(([name, one]) => [
      name,
      typeof one === 'string' ? { text: one, isSecret: false } : one,
    ]),
  )
  const made = build(root, { variables: given }, '65.0')
  const files = unzipSync(made.bytes)
  return { ...made, files, text: (path: string) => new TextDecoder().decode(files[path]) }
}

describe('replacements of sfdx-project.json', () => {
  it('put a variable in wherever the text stands in one file, and in no other', () => {
    const shop = 'app/classes/Shop.cls'
    const { text, replaced, hasSecret } = built(
      [{ filename: shop, stringToReplace: 'TOKEN', replaceWithEnv: 'VALUE' }],
      { VALUE: '$& $1 "x"' },
    )
    expect(text('classes/Shop.cls')).toBe(
      "class Shop { String a = '$& $1 \"x\"'; String b = '$& $1 \"x\"'; String c = 'v1.2'; }",
    )
    expect(text('classes/Shop.cls-meta.xml')).toBe(sources['app/classes/Shop.cls-meta.xml'])
    expect(text('classes/Workshop.cls')).toBe(sources['app/classes/Workshop.cls'])
    expect(replaced).toEqual([{ what: `the replacement of "TOKEN" in ${shop}`, files: 1, isMissed: false }])
    expect(hasSecret).toBe(false)
    expect(readFileSync(join(root, shop), 'utf8')).toBe(sources[shop])
  })

  it('put the text of a file in, in all files that a pattern names, in parts of objects and archives, too', () => {
    const { text, files, replaced } = built([
      { glob: 'app/**', stringToReplace: 'TOKEN', replaceWithFile: 'values/token.txt' },
    ])
    expect(text('classes/Workshop.cls')).toBe("class Workshop { String a = 'from a file $1 $&'; }")
    expect(text('objects/Shop__c.object')).toContain('<label>from a file $1 $&</label>')
    const pack = unzipSync(files['staticresources/pack.resource'] ?? new Uint8Array())
    expect(new TextDecoder().decode(pack['a.txt'])).toBe('from a file $1 $&')
    // Whatever is no text stays as it is.
    expect(Buffer.from(pack['b.png'] ?? []).equals(image)).toBe(true)
    expect(replaced).toMatchObject([{ files: 5 }])
  })

  it('go by patterns with groups, one after the other', () => {
    const { text } = built(
      [
        { filename: 'Shop.cls', regexToReplace: 'v(\\d+)\\.(\\d+)', replaceWithEnv: 'VERSION' },
        { filename: 'Shop.cls', stringToReplace: 'v2', replaceWithEnv: 'LAST' },
      ],
      { VERSION: 'v$2.$1', LAST: 'three' },
    )
    expect(text('classes/Shop.cls')).toContain("c = 'three.1'")
  })

  it('take place where their conditions hold', () => {
    const when = (value: unknown) => ({
      filename: 'app/classes/Shop.cls',
      stringToReplace: 'TOKEN',
      replaceWithEnv: 'VALUE',
      replaceWhenEnv: [
        { env: 'STAGE', value },
        { env: 'LOUD', value: true },
      ],
    })
    const { text } = built([when('prod'), when('test')], { STAGE: 'test', LOUD: 'true', VALUE: 'x' })
    expect(text('classes/Shop.cls')).toContain("a = 'x'")
    const { text: untouched } = built([when('prod'), when('test')], { STAGE: 'test' })
    expect(untouched('classes/Shop.cls')).toContain("a = 'TOKEN'")
  })

  it('say whether a secret went in, which is no pattern for anything', () => {
    const secret = { text: 'p$1$&', isSecret: true }
    const one = { filename: 'Shop.cls', regexToReplace: '(TOK)EN', replaceWithEnv: 'VALUE' }
    const { text, hasSecret } = built([one], { VALUE: secret })
    expect(text('classes/Shop.cls')).toContain("a = 'p$1$&'")
    expect(hasSecret).toBe(true)
    expect(built([{ ...one, regexToReplace: 'nowhere' }], { VALUE: secret }).hasSecret).toBe(false)
  })

  it('say where there was nothing to replace', () => {
    const { replaced } = built([
      { filename: 'app/classes/Shop.cls', stringToReplace: 'GONE', replaceWithFile: 'values/token.txt' },
      { glob: '**/*.cls', stringToReplace: 'GONE', replaceWithFile: 'values/token.txt' },
    ])
    expect(replaced.map(({ isMissed }) => isMissed)).toEqual([true, false])
  })

  it('leave nothing where a variable may be unset, and are refused where not', () => {
    const one = { filename: 'Shop.cls', stringToReplace: 'TOKEN', replaceWithEnv: 'VALUE' }
    expect(built([{ ...one, allowUnsetEnvVariable: true }]).text('classes/Shop.cls')).toContain("a = ''")
    expect(() => built([one])).toThrow(
      'sfdx-project.json: the replacement of "TOKEN" in Shop.cls needs the variable VALUE: give it under env, or under secretEnv, of deploy.validate or deploy.run',
    )
  })

  it.for([
    [{}, 'replacements[0] needs one text, filename or glob'],
    [
      { filename: 'a', glob: 'b', stringToReplace: 'c', replaceWithEnv: 'D' },
      'replacements[0] needs one text, filename or glob',
    ],
    [{ filename: 'a', replaceWithEnv: 'D' }, 'needs one text, stringToReplace or regexToReplace'],
    [{ filename: 'a', stringToReplace: 'c' }, 'needs one text, replaceWithEnv or replaceWithFile'],
    [{ filename: 'a', regexToReplace: '(', replaceWithEnv: 'D' }, 'replacements[0].regexToReplace is no pattern'],
    [{ filename: 'a', stringToReplace: 'c', replaceWithEnv: 'D', replaceWhenEnv: [{}] }, 'replaceWhenEnv is a list of'],
    [
      { filename: 'a', stringToReplace: 'c', replaceWithFile: 'gone.txt' },
      'needs the file gone.txt, which is not in the project',
    ],
    [
      { filename: 'a', stringToReplace: 'c', replaceWithFile: 'values/empty.txt' },
      'which is not in the project or empty',
    ],
    [
      { filename: 'a', stringToReplace: 'c', replaceWithFile: '../secret' },
      'needs the file ../secret, which is not in',
    ],
    [
      { filename: 'a', stringToReplace: 'c', replaceWithFile: '/etc/passwd' },
      'needs the file /etc/passwd, which is not in',
    ],
  ] as const)('are refused with a sentence: case %#', ([replacement, sentence]) => {
    expect(() => built([replacement])).toThrow(sentence)
  })

  it('read no file through a link that leads out', () => {
    mkdirSync(join(root, 'values'))
    symlinkSync('/etc/hostname', join(root, 'values/out.txt'))
    const one = { filename: 'a', stringToReplace: 'c', replaceWithFile: 'values/out.txt' }
    expect(() => built([one])).toThrow('needs the file values/out.txt, which is not in the project')
  })
})
