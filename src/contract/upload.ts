import { closed } from './fragments.ts'
import { type Static, Type } from './schema.ts'

/** Bytes that a task's input may refer to by their id. */
export const ContractUpload = closed(
  {
    id: Type.String({ format: 'uuid' }),
    bytes: Type.Integer(),
    sha256: Type.String({ description: 'hexadecimal' }),
  },
  'Bytes that a task’s input may refer to by their id',
)

export type ContractUpload = Static<typeof ContractUpload>
