import { describe, expect, it } from 'vitest'
import { keyAfter, pipelineOf, runKeyOf } from '../../../../src/faces/cli/pipeline/pipeline.ts'

const github = {
  GITHUB_ACTIONS: 'true',
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: 'acme/shop',
  GITHUB_RUN_ID: '77',
  GITHUB_RUN_ATTEMPT: '1',
  GITHUB_JOB: 'lint',
  GITHUB_ACTION: '__run_2',
}
const gitlab = {
  GITLAB_CI: 'true',
  CI_SERVER_URL: 'https://gitlab.com',
  CI_PROJECT_PATH: 'acme/shop',
  CI_JOB_NAME: 'lint',
}
const asked = { kind: 'exec', input: { command: ['true'] } }

describe('the pipeline', () => {
  it('is known by its own variables', () => {
    expect(pipelineOf(github)).toBe('github')
    expect(pipelineOf(gitlab)).toBe('gitlab')
    expect(pipelineOf({ JENKINS_URL: 'http://jenkins/', BUILD_NUMBER: '3' })).toBe('jenkins')
    expect(pipelineOf({ CI: 'true', GITHUB_ACTIONS: 'false' })).toBe('none')
  })

  it('gives a step of a run the same key however often it is done', () => {
    const key = runKeyOf('github', github, asked)
    expect(key).toMatch(/^[0-9a-f]{32}$/)
    expect(runKeyOf('github', { ...github, GITHUB_RUN_ATTEMPT: '2' }, asked)).toBe(key)
    const jobs = { ...gitlab, CI_PIPELINE_ID: '5' }
    expect(runKeyOf('gitlab', { ...jobs, CI_JOB_ID: '1' }, asked)).toBe(
      runKeyOf('gitlab', { ...jobs, CI_JOB_ID: '2' }, asked),
    )
  })

  it.each(['GITHUB_REPOSITORY', 'GITHUB_RUN_ID', 'GITHUB_JOB', 'GITHUB_ACTION'])('tells steps apart by %s', (name) => {
    expect(runKeyOf('github', { ...github, [name]: 'other' }, asked)).not.toBe(runKeyOf('github', github, asked))
  })

  it('tells apart what is asked for, and has no key where the run has no name', () => {
    expect(runKeyOf('github', github, { ...asked, kind: 'lint' })).not.toBe(runKeyOf('github', github, asked))
    expect(runKeyOf('gitlab', gitlab, asked)).toBeUndefined()
    expect(runKeyOf('none', github, asked)).toBeUndefined()
  })

  it('takes another key after a task that came to a bad end', () => {
    expect(keyAfter('a', 'task-1')).not.toBe(keyAfter('a', undefined))
    expect(keyAfter('a', 'task-1')).toBe(keyAfter('a', 'task-1'))
  })
})
