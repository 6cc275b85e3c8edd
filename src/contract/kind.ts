import { closed, count, KindName, PoolName, SecretName } from './fragments.ts'
import { TaskRequest } from './request.ts'
import { type Static, Type } from './schema.ts'

const Template = Type.String({ minLength: 1, maxLength: 200 })
const ofMembers = 'with `{member}` for strings of its input'

/** What a kind's module says of itself, without its code. */
export const KindDefinition = Type.Object(
  {
    kind: KindName,
    title: Type.Optional(Type.String({ maxLength: 200 })),
    pool: PoolName,
    input: Type.Unsafe<Readonly<Record<string, unknown>>>(Type.Object({}, { description: 'JSON schema of the input' })),
    result: Type.Optional(
      Type.Unsafe<Readonly<Record<string, unknown>>>(
        Type.Object({}, { description: 'JSON schema of the result, for those who read it: nothing checks it' }),
      ),
    ),
    secrets: Type.Optional(
      Type.Record(SecretName, closed({ required: Type.Optional(Type.Boolean()), reference: Type.Optional(Template) }), {
        additionalProperties: false,
        maxProperties: 32,
        description: `the secrets that a request may give, and must; without this it may give any. \`reference\`: where one is that the request does not give, ${ofMembers}; one that is not required is not lent where it is not there`,
      }),
    ),
    concurrency: Type.Optional(
      closed(
        { key: Template, limit: Type.Optional(count(1, 1000)) },
        `the concurrency key of all its tasks, ${ofMembers}`,
      ),
    ),
    stores: Type.Optional(
      Type.Record(SecretName, Type.String({ pattern: '^vault:', maxLength: 200 }), {
        additionalProperties: false,
        maxProperties: 16,
        description: `the secrets that its tasks may store, and where, ${ofMembers}`,
      }),
    ),
    limits: TaskRequest.properties.limits,
    retry: TaskRequest.properties.retry,
    preload: Type.Optional(
      Type.Array(Type.String({ maxLength: 2_000, pattern: '^(file|node):' }), {
        maxItems: 16,
        description: 'URLs of modules that a worker loads before it is told a task: `import.meta.resolve` makes them',
      }),
    ),
    network: Type.Optional(
      Type.Enum(['host', 'none'], {
        description: "what its tasks have of the network: the machine's, or none, which takes isolation level 2",
      }),
    ),
    workspace: Type.Optional(
      Type.Enum(['disk', 'memory'], {
        description:
          'where its tasks have their files: on disk, or in memory, which takes isolation level 2 and counts as memory of theirs',
      }),
    ),
    mounts: Type.Optional(
      Type.Array(Type.String({ maxLength: 4_000, pattern: '^/' }), {
        maxItems: 32,
        description: 'directories and files of the machine that its tasks may read, beside what all may',
      }),
    ),
    directory: Type.Optional(
      Type.String({
        pattern: '^[a-z][a-z0-9-]{0,62}$',
        description:
          'the directory of their tenant that its tasks have to themselves and other kinds of this name: lower case letters, digits and "-"',
      }),
    ),
    serves: Type.Optional(
      Type.Enum(['parents'], {
        description:
          'parents: as a child its task runs in the pool of its kind although its parent is of a lower one, goes on when the parent is cancelled, and a cleanup may wait for it; it must have a concurrency key',
      }),
    ),
    cleanup: Type.Optional(Type.Boolean({ description: 'whether it has one' })),
  },
  { description: 'What a kind does, takes and is allowed' },
)

export type KindDefinition = Static<typeof KindDefinition>
