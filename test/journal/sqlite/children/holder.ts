import { setTimeout } from 'node:timers/promises'
import { openIn } from '../fixture.ts'

/** Opens the journal, says so, and keeps it until it is killed. */
const longMs = 60_000
const [directory = ''] = process.argv.slice(2)
await openIn(directory)
process.stdout.write('open\n')
await setTimeout(longMs)
