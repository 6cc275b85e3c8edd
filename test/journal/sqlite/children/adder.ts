import { sampleEvent, sampleTask } from '../../../contracts/samples.ts'
import { openIn } from '../fixture.ts'
import { writerOf } from './answers.ts'

/** Adds tasks from several callers until it is killed, writes each id as soon as its add has resolved, and says when it has begun. */
const callers = 8
const [directory = ''] = process.argv.slice(2)
const answered = writerOf(directory)
const journal = await openIn(directory)
let hasBegun = false
await Promise.all(
  Array.from({ length: callers }, async () => {
    for (;;) {
      const task = sampleTask()
      await journal.add(task, sampleEvent())
      answered(task.id)
      if (!hasBegun) process.stdout.write('begun')
      hasBegun = true
    }
  }),
)
