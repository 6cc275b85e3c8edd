import { setTimeout as rest } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { levels } from '../fixtures/levels.ts'
import { Diary } from './support/diary.ts'
import { type Orchestrator, Site, standingBy } from './support/orchestrator.ts'
import { Watcher } from './support/watcher.ts'

/** Of the server, at the highest level. More, at each: npm run test:kill */
const standstills = Number(process.env.MAYFLY_STANDSTILLS ?? 2)
const tried = process.env.MAYFLY_STANDSTILLS === undefined ? levels.slice(-1) : levels
/** Far longer than anything here takes on a busy machine, and shorter than the server stands still. */
const limitSeconds = 6
const mostAtOnce = 6

let orchestrator: Orchestrator | undefined

afterEach(() => orchestrator?.kill())

/** As when it is stopped, or gets no core, while its workers go on. */
it.each(tried)(
  'a server that stands still for longer than every limit blames no worker for it, at level %i',
  {
    timeout: 60_000 + standstills * (limitSeconds + 10) * 1_000,
  },
  async (level) => {
    const diary = new Diary()
    const isolation = { atMost: level }
    const more = { mounts: [diary.directory], sharedSlots: 3, startDeadlineSeconds: limitSeconds, ...standingBy }
    const site = await Site.create({ isolation, logLevel: 'info', ...more })
    orchestrator = site.start()
    await orchestrator.listening

    const calm = new AbortController()
    const watchers: Watcher[] = []
    const submitting = keepSubmitting(site, diary, watchers, calm.signal)
    submitting.catch(() => {})
    for (let standstill = 0; standstill < standstills; standstill++) {
      await expect.poll(() => watchers.length, { timeout: 30_000 }).toBeGreaterThan(standstill + 1)
      await rest(Math.random() * 1_500)
      orchestrator.child.kill('SIGSTOP')
      await rest(limitSeconds * 1_000 + 100 + Math.random() * 1_000)
      orchestrator.child.kill('SIGCONT')
    }
    calm.abort()
    await submitting
    await Promise.all(watchers.map(({ done }) => done))

    for (const { events } of watchers) expect(events.map(({ type }) => type)).toEqual(expectedTypes)
    const begun = diary.entries.filter(({ who }) => who === 'begin').map(({ task }) => task)
    expect(begun.sort()).toEqual(watchers.map((_, at) => `t${at}`).sort())
    expect(orchestrator.said.split('\n').filter((line) => /"level":[456]0/.test(line))).toEqual([])
  },
)

const expectedTypes = ['task.queued', 'task.starting', 'task.started', 'task.log', 'task.succeeded']

/** Few at a time, until it is told to stop. */
async function keepSubmitting(site: Site, diary: Diary, watchers: Watcher[], calm: AbortSignal): Promise<void> {
  const underWay = new Set<Watcher>()
  while (!calm.aborted) {
    const task = `t${watchers.length}`
    const script = `echo "${task} begin $MAYFLY_WORKER" >> ${diary.path}; sleep 0.${watchers.length % 10}; echo over`
    const { id } = await site.json<{ id: string }>('POST', '/v1/tasks', {
      kind: 'exec',
      input: { command: ['sh', '-c', script] },
      limits: { silenceSeconds: limitSeconds, runSeconds: limitSeconds },
    })
    const watcher = new Watcher(site, id)
    watchers.push(watcher)
    underWay.add(watcher)
    void watcher.done.then(() => underWay.delete(watcher))
    if (underWay.size >= mostAtOnce) await Promise.race([...underWay].map(({ done }) => done))
  }
}
