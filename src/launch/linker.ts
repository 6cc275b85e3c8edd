/** Links a program and all that it imports into one CommonJS module. Arguments: the program, the module. */
import { build } from 'rolldown'

const [input = '', file = ''] = process.argv.slice(2)
// Nothing is minified: names and lines are what people look for in the traces of errors.
await build({
  input,
  platform: 'node',
  logLevel: 'silent',
  output: { file, format: 'cjs', codeSplitting: false },
})
