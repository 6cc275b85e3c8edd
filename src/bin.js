#!/usr/bin/env node
// Plain JavaScript, so that an older Node can still say what is wrong before it meets the first type annotation.
const oldestMajor = 24
const major = Number(process.versions.node.split('.')[0])

if (major < oldestMajor) {
  process.stderr.write(
    `Mayfly needs Node ${oldestMajor} or newer and this is ${process.version}: start it with \`npm start\`, which brings its own, or install a newer Node.\n`,
  )
  process.exitCode = 1
} else {
  // With it Node loads neither its type stripper nor its compiler again: 45 MB less for as long as Mayfly runs (measured).
  const { enableCompileCache } = await import('node:module')
  enableCompileCache(`${import.meta.dirname}/../node_modules/.cache/mayfly`)
  const { main } = await import('./main.ts')
  await main(process)
}
