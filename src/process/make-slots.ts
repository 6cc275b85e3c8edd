import { createHash } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { Cells } from './cells.ts'
import { footing, groundsOf, lackedByLevelThree } from './level-three.ts'
import { plainUser } from './probe.ts'
import { Slots } from './slots.ts'
import { accountWithin, type UserRange, Users } from './users.ts'

export interface Server {
  /** Its data directory: no other server has it. */
  readonly data: string
  /** That may live at once. */
  readonly workers: number
}

/** Users and control groups for workers; throws a sentence that says why there are none. */
export function makeSlots(users: UserRange, { data, workers }: Server): Slots {
  const account = accountWithin(users)
  if (account !== undefined) throw new Error(`${account} is an account of this machine: give tasks other users`)
  if (users.count < workers)
    throw new Error(`users.count is ${users.count}, and ${workers} workers may live at once: give it more`)
  const foot = footing()
  const [grounds, lacked] = [groundsOf(foot.group), lackedByLevelThree(foot)]
  if (!grounds || lacked.length > 0) throw new Error(`it takes ${lacked.join('; ')}`)
  const cells = new Cells(
    grounds,
    `mayfly-${createHash('sha256').update(realpathSync(data)).digest('hex').slice(0, 16)}`,
  )
  cells.open()
  return new Slots(new Users(users), cells, plainUser)
}
