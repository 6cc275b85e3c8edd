import { closed } from '../../contract/fragments.ts'
import { Problem } from '../../contract/problem.ts'
import { Type } from '../../contract/schema.ts'

/** Any text: an id that cannot be one is unknown, not wrong. */
export const ById = closed({ id: Type.String() })

/** The answers that every route under /v1 may give besides its own. */
export const refusals = { '4xx': Problem, '5xx': Problem }
