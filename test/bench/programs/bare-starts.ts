/** The limit of every start: Node with an empty file, in a loop that keeps so many going. Arguments: slots. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cleanEnvironment, pathOf } from '../program.ts'
import { answerWith } from './answer.ts'
import { measure, type Starts } from './starts.ts'

const slots = Number(process.argv[2])
const empty = pathOf('programs/empty.js')

answerWith<Starts>({}, ({ count }) => {
  let left = count
  const keepOneGoing = async () => {
    while (left-- > 0) await once(spawn(process.execPath, [empty], { env: cleanEnvironment }), 'exit')
  }
  return measure(() => Promise.all(Array.from({ length: slots }, keepOneGoing)))
})
