import { openIn } from '../fixture.ts'

/** Tries to open the journal and prints what came of it. */
const [directory = ''] = process.argv.slice(2)
try {
  const journal = await openIn(directory)
  await journal.close()
  process.stdout.write('opened\n')
} catch (error) {
  process.stdout.write(`${error}\n`)
}
