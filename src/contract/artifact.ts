import { closed, Moment } from './fragments.ts'
import { type Static, Type } from './schema.ts'

/** A file that a task kept, as clients see it. */
export const ContractArtifact = closed(
  {
    name: Type.String({ description: 'a relative path' }),
    bytes: Type.Integer(),
    sha256: Type.String({ description: 'hexadecimal' }),
    contentType: Type.String(),
    at: Moment,
  },
  'A file that a task kept',
)

export type ContractArtifact = Static<typeof ContractArtifact>

export const ArtifactPage = closed({ items: Type.Array(ContractArtifact) })

export type ArtifactPage = Static<typeof ArtifactPage>
