import type { Command } from 'commander'
import { all } from '../../../client/pages.ts'
import { action, define, group, type Making } from '../command.ts'
import { EXIT } from '../exit.ts'
import { table } from '../output.ts'
import { readSecret } from '../secret-value.ts'

export function secretsCommand(making: Making): Command {
  return group('secrets', 'Store, list and delete secrets, and change their keys', [
    setCommand(making),
    listCommand(making),
    deleteCommand(making),
    rotateCommand(making),
  ])
}

interface SetOptions {
  readonly exact?: boolean
}

function setCommand(making: Making): Command {
  return define(
    'set',
    'Store a secret: its value comes from stdin, sealed before it leaves',
    'mayfly secrets set npm-token < token',
  )
    .argument('<name>')
    .option('--exact', 'keep an end of line at its end, which is left out otherwise')
    .action(
      action<SetOptions, [string]>(making, async ({ client, out, io }, { exact = false }, name) => {
        const value = await readSecret(io, `Value of ${name}, which is not shown: `, exact)
        try {
          const stored = await client.secrets.put(name, value)
          out.document(stored, () => `${stored.name} is stored, version ${stored.version}`)
        } finally {
          value.fill(0)
        }
        return undefined
      }),
    )
}

function listCommand(making: Making): Command {
  return define('list', 'List secrets, without their values', 'mayfly secrets list').action(
    action(making, async ({ client, out }) => {
      const secrets = await all(client.secrets.list())
      out.document(secrets, () =>
        table(
          ['NAME', 'VERSION', 'UPDATED'],
          secrets.map(({ name, version, updatedAt }) => [name, version, updatedAt]),
        ),
      )
      return undefined
    }),
  )
}

function deleteCommand(making: Making): Command {
  return define('delete', 'Delete a secret', 'mayfly secrets delete npm-token')
    .argument('<name>')
    .action(
      action(making, async ({ client, out }, _options, name: string) => {
        await client.secrets.delete(name)
        out.document({ name, deleted: true }, () => `${name} is deleted`)
        return undefined
      }),
    )
}

const lookMs = 200

function rotateCommand(making: Making): Command {
  return define(
    'rotate',
    'Put all secrets under new keys, while tasks go on; needs an admin',
    'mayfly secrets rotate',
  ).action(
    action(making, async ({ client, out }) => {
      let rotation = await client.secrets.rotate()
      while (rotation.rotating) {
        await new Promise((resolve) => setTimeout(resolve, lookMs))
        rotation = await client.secrets.rotation()
      }
      const { left } = rotation
      out.document(rotation, () =>
        left === 0 ? 'all secrets are under new keys' : `${left} secrets are still under the key before: do it again`,
      )
      return left === 0 ? EXIT.OK : EXIT.FAILED
    }),
  )
}
