import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Programs } from '../../src/process/programs.ts'

describe('a program that is looked for', () => {
  let root: string
  let searched: string
  const programs = new Programs()
  const locate = (program: string, PATH: string) => programs.locate(program, { PATH })
  const place = (at: string, mode = 0o755) => {
    const path = join(root, at)
    writeFileSync(path, '#!/bin/sh\n')
    chmodSync(path, mode)
    return path
  }

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'mayfly-programs-'))
    for (const name of ['first', 'second']) mkdirSync(join(root, name))
    searched = `:.:${root}/none:${root}/first:${root}/second`
  })
  afterEach(() => rmSync(root, { recursive: true }))

  it('is the first that may be run', () => {
    place('first/tool', 0o644)
    const second = place('second/tool')
    expect(locate('tool', searched)).toBe(second)
  })

  it('is looked for again when it is not there any more', () => {
    const first = place('first/tool')
    expect(locate('tool', searched)).toBe(first)
    rmSync(first)
    expect(locate('tool', searched)).toBe('tool')
    const second = place('second/tool')
    expect(locate('tool', searched)).toBe(second)
  })

  it('is not looked for below where it is started, nor where its path is known', () => {
    expect(locate('package.json', ':.')).toBe('package.json')
    expect(locate('/no/such/tool', searched)).toBe('/no/such/tool')
  })
})
