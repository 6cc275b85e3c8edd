/** How many polls a deployment takes in each of its phases. */
export interface Pace {
  pending: number
  components: number
  tests: number
  finalizing: number
  canceling: number
}

export type DeployStatus =
  | 'Pending'
  | 'InProgress'
  | 'FinalizingDeploy'
  | 'FinalizingDeployFailed'
  | 'Succeeded'
  | 'SucceededPartial'
  | 'Failed'
  | 'Canceling'
  | 'Canceled'

/** What one poll sees. */
export interface Frame {
  readonly status: DeployStatus
  readonly componentsDone: number
  readonly testsDone: number
  readonly stateDetail: string | null
}

export interface Work {
  readonly components: readonly string[]
  readonly tests: readonly string[]
  readonly end: 'Succeeded' | 'SucceededPartial' | 'Failed' | 'FinalizingDeployFailed'
}

/** A deployment from its first poll to its last. */
export function framesOf({ components, tests, end }: Work, pace: Pace): Frame[] {
  const whole = { componentsDone: components.length, testsDone: tests.length, stateDetail: null }
  return [
    ...repeated(pace.pending, { status: 'Pending', componentsDone: 0, testsDone: 0, stateDetail: null }),
    ...growing(components, pace.components, (done, next) => ({
      status: 'InProgress',
      componentsDone: done,
      testsDone: 0,
      stateDetail: next === null ? null : `Processing Type: ${next}`,
    })),
    ...growing(tests, tests.length === 0 ? 0 : pace.tests, (done, next) => ({
      status: 'InProgress',
      componentsDone: components.length,
      testsDone: done,
      stateDetail: next,
    })),
    ...(end === 'Failed' ? [] : repeated(pace.finalizing, { status: 'FinalizingDeploy', ...whole })),
    { status: end, ...whole },
  ]
}

/** From the frame at which it was asked to stop. */
export function cancelFramesOf(at: Frame, pace: Pace): Frame[] {
  return [...repeated(pace.canceling, { ...at, status: 'Canceling' }), { ...at, status: 'Canceled', stateDetail: null }]
}

export function isEnd(status: DeployStatus): boolean {
  return ['Succeeded', 'SucceededPartial', 'Failed', 'FinalizingDeployFailed', 'Canceled'].includes(status)
}

function repeated(count: number, frame: Frame): Frame[] {
  return Array.from({ length: count }, () => frame)
}

/** Numbers that grow from nothing to nearly everything. */
function growing(
  items: readonly string[],
  polls: number,
  frame: (done: number, next: string | null) => Frame,
): Frame[] {
  return Array.from({ length: polls }, (_, index) => {
    const done = Math.floor((items.length * index) / polls)
    return frame(done, items[done] ?? null)
  })
}
