/** Parts of what a task printed and logged, short enough for a conversation. */
import type { ContractTask } from '../../contract/task.ts'
import { safe } from '../cli/safe.ts'
import type { Call } from './tool.ts'

const mostCharacters = 32 * 1024
const pageEvents = 1_000
/** A task that reports much between its lines is not gone through for ever to find them. */
const mostStretches = 5

interface Part {
  readonly text: string
  readonly lastSeq: number
  readonly note: string
}

interface Line {
  readonly seq: number
  readonly text: string
}

type Reading = Pick<Call, 'client' | 'signal'>

/** The end of it. */
export async function tailOf(task: ContractTask, call: Reading): Promise<Part> {
  const { id, lastSeq } = task
  let text = ''
  let from = lastSeq
  let leftOut = false
  for (let stretch = 0; stretch < mostStretches && from > 0 && !leftOut; stretch++) {
    const upTo = from
    from = Math.max(0, upTo - pageEvents)
    let earlier = ''
    for await (const line of linesOf(id, from, upTo, call)) {
      leftOut ||= earlier.length + line.text.length + text.length > mostCharacters
      earlier = endOf(earlier + line.text, mostCharacters - text.length)
    }
    text = earlier + text
  }
  const note =
    leftOut || from > 0
      ? `earlier output was left out: ask with after 0 for its beginning; GET /v1/tasks/${id}/log has all of it`
      : 'this is all that it has said so far'
  return { text, lastSeq, note }
}

/** What comes after an event. */
export async function headOf(task: ContractTask, after: number, call: Reading): Promise<Part> {
  const { id, lastSeq } = task
  const whole = `GET /v1/tasks/${id}/log has all of it`
  let text = ''
  let seq = after
  for await (const line of linesOf(id, after, lastSeq, call)) {
    const isCut = line.text.length > mostCharacters
    if (text !== '' && text.length + line.text.length > mostCharacters) {
      return { text, lastSeq: seq, note: `there is more: ask with after ${seq}; ${whole}` }
    }
    text += line.text.slice(0, mostCharacters).toWellFormed()
    seq = line.seq
    if (isCut)
      return {
        text,
        lastSeq: seq,
        note: `this line is longer, and was cut: ask with after ${seq} for the next; ${whole}`,
      }
  }
  return { text, lastSeq: Math.max(after, lastSeq), note: 'this is all that it has said since' }
}

/** The lines among the events after `after`, up to `upTo`, a page at a time. */
async function* linesOf(
  id: string,
  after: number,
  upTo: number,
  { client, signal }: Reading,
): AsyncGenerator<Line, void> {
  for (let reached = after; reached < upTo; ) {
    const limit = Math.min(pageEvents, upTo - reached)
    const { items } = await client.events(id, { after: reached, limit }, { signal })
    for (const { seq, type, data } of items) {
      if (seq <= upTo && type === 'task.log' && typeof data.text === 'string') yield { seq, text: lineOf(data.text) }
    }
    reached = items.at(-1)?.seq ?? upTo
  }
}

/** Without colours and what else is for terminals alone. */
function lineOf(text: string): string {
  return `${safe(text.replace(/\n$/, ''))}\n`
}

function endOf(text: string, mostCharacters: number): string {
  return text.length > mostCharacters ? text.slice(text.length - mostCharacters).toWellFormed() : text
}
