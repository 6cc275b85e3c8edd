import { expect, it } from 'vitest'
import { found } from '../../../../src/faces/vscode/view/findings.ts'

const finding = {
  file: 'src/a.js',
  line: 3,
  column: 5,
  rule: 'no-undef',
  severity: 'error',
  message: 'x is not defined',
}

it('tells what a task found by file, and how much of it', () => {
  const items = [finding, { ...finding, file: './b.js', severity: 'warning' }, { ...finding, line: 9 }, 'no finding']
  const { errors, warnings, byFile } = found(items)
  expect({ errors, warnings }).toEqual({ errors: 2, warnings: 1 })
  expect([...byFile].map(([file, findings]) => [file, findings.length])).toEqual([
    ['src/a.js', 2],
    ['b.js', 1],
  ])
})
