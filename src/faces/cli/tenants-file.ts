/** What tenants may, from a file that `mayfly tenants list --json` wrote. */
import { readFileSync } from 'node:fs'
import { checkOf } from '../../contract/check.ts'
import { TenantName } from '../../contract/fragments.ts'
import { Type } from '../../contract/schema.ts'
import { Quotas } from '../../contract/tenant.ts'
import { UsageError } from './exit.ts'

export interface NamedQuotas {
  readonly name: string
  readonly quotas: Quotas
}

const check = checkOf(Type.Array(Type.Object({ name: TenantName, quotas: Quotas })), 'the list')

export function readTenants(path: string): readonly NamedQuotas[] {
  const list = parse(path, read(path))
  const complaint = check(list)
  if (complaint) throw new UsageError(`${path}: ${complaint}; write it with mayfly tenants list --json`)
  return list as readonly NamedQuotas[]
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new UsageError(`${path} is not JSON: write it with mayfly tenants list --json`)
  }
}
