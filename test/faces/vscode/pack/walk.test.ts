import { describe, expect, it } from 'vitest'
import { Rules } from '../../../../src/faces/vscode/pack/rules.ts'
import { filesIn } from '../../../../src/faces/vscode/pack/walk.ts'
import { folderOf } from '../fixtures/folder.ts'

const found = (files: Record<string, string | null>, excluded: readonly string[] = []) =>
  filesIn(folderOf(files), Rules.of(excluded), new AbortController().signal)

describe('the files of a folder', () => {
  it('are all that somebody wrote, in order', async () => {
    expect(await found({ 'b.js': '', 'a/c.js': '', '.hidden': '' })).toEqual(['.hidden', 'a/c.js', 'b.js'])
  })

  it('are without histories and what is installed, in every folder, whatever .gitignore says', async () => {
    const files = {
      '.git/HEAD': '',
      'a/node_modules/b/c.js': '',
      '.gitignore': '!**\n',
      'a/b.js': '',
    }
    expect(await found(files)).toEqual(['.gitignore', 'a/b.js'])
  })

  it('are without links, which may lead anywhere', async () => {
    expect(await found({ 'a.js': '', link: null })).toEqual(['a.js'])
  })

  it('follow the .gitignore of each folder, the innermost last', async () => {
    const files = {
      '.gitignore': '*.log\n/out/\n',
      'a.log': '',
      'out/a.js': '',
      'in/out/a.js': '',
      'in/.gitignore': '!keep.log\n',
      'in/keep.log': '',
      'in/other.log': '',
    }
    expect(await found(files)).toEqual(['.gitignore', 'in/.gitignore', 'in/keep.log', 'in/out/a.js'])
  })

  it('are without what the settings exclude', async () => {
    expect(await found({ '.env': '', 'a/.env.local': '', 'a.js': '' }, ['.env', '.env.*'])).toEqual(['a.js'])
  })
})
