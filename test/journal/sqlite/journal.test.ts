import { describeJournal } from '../../contracts/journal.ts'
import { openIn, temporaryDirectory } from './fixture.ts'

describeJournal('the SQLite journal', async () => {
  const { directory, remove } = temporaryDirectory()
  return { open: (clock) => openIn(directory, {}, clock), remove: async () => remove() }
})
