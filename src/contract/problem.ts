import { REFUSAL_CODES } from '../task/errors.ts'
import { closed } from './fragments.ts'
import { type Static, Type } from './schema.ts'

/** RFC 9457 problem details: what every refused request is answered with. */
export const Problem = closed(
  {
    type: Type.String({ description: 'a URI that names the code' }),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.Enum([...REFUSAL_CODES]),
    detail: Type.String({ description: 'one sentence that says what to do' }),
    retryAfterSeconds: Type.Optional(Type.Integer({ description: 'when it is worth trying again' })),
  },
  'Why a request was refused (RFC 9457)',
)

export type Problem = Static<typeof Problem>
