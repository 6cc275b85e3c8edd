import { writeSync } from 'node:fs'
import { sampleEvent, sampleTask } from '../../../contracts/samples.ts'
import { openIn } from '../fixture.ts'

/** Adds tasks from several callers until it is killed, and prints each id as soon as its add has resolved. */
const callers = 8
const [directory = ''] = process.argv.slice(2)
const journal = await openIn(directory)
await Promise.all(
  Array.from({ length: callers }, async () => {
    for (;;) {
      const task = sampleTask()
      await journal.add(task, sampleEvent())
      // By the system call itself: a line in a buffer would be lost with the process.
      writeSync(1, `${task.id}\n`)
    }
  }),
)
