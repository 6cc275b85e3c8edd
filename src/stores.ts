/** What an orchestrator keeps, and where: opened once, used by everything that it is built of. */
import { join } from 'node:path'
import type { Access } from './access/access.ts'
import { ArtifactStore } from './files/artifacts.ts'
import { Directories } from './files/directories.ts'
import { KeptDirectories } from './files/kept.ts'
import { UploadStore } from './files/uploads.ts'
import type { Journal } from './journal/journal.ts'
import type { Vault } from './secrets/vault.ts'

export interface Stores {
  readonly journal: Journal
  readonly vault: Vault
  readonly artifacts: ArtifactStore
  readonly uploads: UploadStore
  readonly kept: KeptDirectories
  readonly directories: Directories
  readonly access: Access
}

interface Places {
  readonly data: string
  readonly maxTenantDirectoryMiB: number
}

/** The directories of files, in that of the data. */
export function storesIn({
  data,
  maxTenantDirectoryMiB,
}: Places): Pick<Stores, 'artifacts' | 'uploads' | 'kept' | 'directories'> {
  return {
    artifacts: new ArtifactStore(join(data, 'artifacts')),
    uploads: new UploadStore(join(data, 'uploads')),
    kept: new KeptDirectories(join(data, 'kept')),
    directories: new Directories({ root: join(data, 'directories'), mostMiB: maxTenantDirectoryMiB }),
  }
}
