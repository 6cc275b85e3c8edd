import { tasks } from './0001_tasks.ts'
import { keys } from './0002_keys.ts'
import { audit } from './0003_audit.ts'
import { secrets } from './0004_secrets.ts'
import { artifacts } from './0005_artifacts.ts'
import { families } from './0006_families.ts'
import { files } from './0007_files.ts'
import { access } from './0008_access.ts'
import { schedules } from './0009_schedules.ts'
import { waiting } from './0010_waiting.ts'
import { quotas } from './0011_quotas.ts'
import { conflicts } from './0012_conflicts.ts'
import { processTime } from './0013_process_time.ts'
import { oneTimeSecrets } from './0014_one_time_secrets.ts'
import { waits } from './0015_waits.ts'
import { dataKeys } from './0016_data_keys.ts'

export interface Migration {
  /** The schema's version after it; they count from 1 without holes and are never edited once released. */
  readonly version: number
  readonly sql: string
}

export const migrations: readonly Migration[] = [
  { version: 1, sql: tasks },
  { version: 2, sql: keys },
  { version: 3, sql: audit },
  { version: 4, sql: secrets },
  { version: 5, sql: artifacts },
  { version: 6, sql: families },
  { version: 7, sql: files },
  { version: 8, sql: access },
  { version: 9, sql: schedules },
  { version: 10, sql: waiting },
  { version: 11, sql: quotas },
  { version: 12, sql: conflicts },
  { version: 13, sql: processTime },
  { version: 14, sql: oneTimeSecrets },
  { version: 15, sql: waits },
  { version: 16, sql: dataKeys },
]
