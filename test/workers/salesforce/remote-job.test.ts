import { describe, expect, it } from 'vitest'
import { SalesforceError } from '../../../workers/salesforce/errors.ts'
import type { Org } from '../../../workers/salesforce/org.ts'
import { PACES } from '../../../workers/salesforce/poll.ts'
import { cancelRemoteJob, type JobState, type RemoteJob, runRemoteJob } from '../../../workers/salesforce/remote-job.ts'
import { Transport } from '../../../workers/salesforce/transport.ts'

const transport = new Transport({ org: 'prod', signal: new AbortController().signal })
const org = { alias: 'prod', now: new Date(0), step: '', transport } as unknown as Org
const lost = () => new SalesforceError({ network: 'ECONNRESET', message: 'reset' }, { org: 'prod', step: 'testing' })
const refused = () => new SalesforceError({ code: 'INVALID_FIELD', message: 'no' }, { org: 'prod', step: 'testing' })

/** A job in an org that is over at its second look, and all that was done with it. */
function work(own: Partial<RemoteJob<string>> = {}, saved: JobState | null = null) {
  const did: string[] = []
  const states = ['Working', 'Done']
  const job: RemoteJob<string> = {
    name: 'job',
    pace: PACES.bulk,
    submit: async () => `id${did.push('submit')}`,
    find: async () => null,
    look: async (id) => {
      did.push(`look ${id}`)
      return states.shift() ?? 'Done'
    },
    isOver: (status) => status === 'Done',
    stateOf: (status) => status,
    cancel: async (id) => did.push(`cancel ${id}`),
    ...own,
  }
  let state = saved
  const memo = {
    read: () => state,
    async write(next: JobState) {
      did.push(next.phase)
      state = next
    },
  }
  const said: string[] = []
  const say = (message: string) => void said.push(message)
  const log = { debug: say, info: say, warn: say, error: say }
  const context = { signal: new AbortController().signal, log, progress() {}, input: { pollSeconds: 0.001 } }
  return { did, said, job, memo, context }
}

const run = ({ context, job, memo }: ReturnType<typeof work>) => runRemoteJob(context, org, job, memo)
const stop = ({ context, job, memo }: ReturnType<typeof work>) => cancelRemoteJob(context, org, job, memo)
const submitting: JobState = { phase: 'submitting', nonce: 'n', at: new Date(0).toISOString() }
const submitted: JobState = { phase: 'submitted', id: 'known', at: new Date(0).toISOString() }

describe('work in an org', () => {
  it('is saved before and after it is submitted, and looked at until it is over', async () => {
    const one = work()
    expect(await run(one)).toEqual({ id: 'id2', status: 'Done' })
    expect(one.did).toEqual(['submitting', 'submit', 'submitted', 'look id2', 'look id2'])
  })

  it('is looked for where the answer to its submission names no job', async () => {
    for (const answer of [-1, null, '', '../x', {}]) {
      const one = work({ submit: async () => answer as string, find: async () => 'found' })
      expect(await run(one)).toMatchObject({ id: 'found' })
      expect(one.said).toContainEqual(expect.stringContaining('what came is no id of a job'))
    }
  })

  it('that was submitted is looked at alone', async () => {
    const one = work({}, submitted)
    expect(await run(one)).toMatchObject({ id: 'known' })
    expect(one.did).toEqual(['look known', 'look known'])
  })

  it('is looked at again through what passes, and not in an org that is gone', async () => {
    const looks = [lost(), 'Done']
    const look = async () => {
      const next = looks.shift()
      if (typeof next === 'string') return next
      throw next
    }
    expect(await run(work({ look }, submitted))).toMatchObject({ status: 'Done' })
    const gone = new SalesforceError({ status: 420, message: 'gone' }, { org: 'prod', step: 'testing' })
    await expect(run(work({ look: () => Promise.reject(gone) }, submitted))).rejects.toBe(gone)
  })

  it('whose submission got no answer is looked for, and submitted again only where it did not arrive', async () => {
    const arrived = work({ find: async () => 'found' }, submitting)
    expect(await run(arrived)).toMatchObject({ id: 'found' })
    expect(arrived.did.slice(0, 1)).toEqual(['submitted'])
    let tries = 0
    const submit = async () => {
      if (++tries === 1) throw lost()
      return 'second'
    }
    const away = work({ submit })
    expect(await run(away)).toMatchObject({ id: 'second' })
    expect(away.said.join('\n')).toMatch(/the job had not arrived/)
  })

  it('is submitted four times at most, and not again when it was refused', async () => {
    const submit = async () => Promise.reject(lost())
    await expect(run(work({ submit }))).rejects.toMatchObject({
      code: 'NETWORK_TRANSIENT',
      message: expect.stringContaining('submitted 4 times'),
    })
    await expect(run(work({ submit: async () => Promise.reject(refused()) }))).rejects.toThrow('INVALID_FIELD')
  })

  it('is not looked for when what it takes to submit it failed', async () => {
    const first = work({ prepare: async () => Promise.reject(new Error('no sources')), find: async () => 'another' })
    await expect(run(first)).rejects.toThrow('no sources')
    expect(first.did).toEqual([])
  })

  it('is not looked for when it was refused', async () => {
    const find = async () => 'that of another'
    const first = work({
      find,
      async submit(_nonce, submission) {
        await submission.refused()
        throw refused()
      },
    })
    await expect(run(first)).rejects.toThrow('INVALID_FIELD')
    const next = work({ find }, first.memo.read())
    expect(await run(next)).toMatchObject({ id: 'id2' })
    expect(await stop(work({ find }, first.memo.read()))).toEqual({ id: null, remoteState: 'not submitted' })
  })

  it('that cannot be looked for fails where nobody knows whether it was submitted', async () => {
    const { find: _find, ...job } = work().job
    await expect(run({ ...work({}, submitting), job })).rejects.toThrow(
      'nobody knows whether the job of 1970-01-01T00:00:00.000Z was submitted. Look in the org',
    )
  })

  it('goes on although looks get no answer', async () => {
    let looks = 0
    const look = async () => {
      if (++looks < 3) throw lost()
      return 'Done'
    }
    const one = work({ look }, submitted)
    expect(await run(one)).toMatchObject({ status: 'Done' })
    expect(one.said).toHaveLength(2)
  })

  it('is stopped where it runs, and what became of it is told', async () => {
    const runs = work({}, submitted)
    expect(await stop(runs)).toEqual({ id: 'known', remoteState: 'Done' })
    expect(runs.did).toEqual(['look known', 'cancel known', 'look known'])
    expect(await stop(work({ look: async () => 'Done' }, submitted))).toMatchObject({ remoteState: 'Done' })
    expect(await stop(work({}, submitting))).toEqual({ id: null, remoteState: 'not submitted' })
    const { cancel: _cancel, ...job } = work().job
    expect(await stop({ ...work({}, submitted), job })).toMatchObject({
      remoteState: 'Working (Salesforce cannot stop it, it goes on)',
    })
  })
})
