import type { UsedTime } from '../../process-time.ts'
import type { Spent } from '../operation.ts'
import type { Statements } from './statements.ts'

const addSeconds = `INSERT INTO process_time (tenant, day, seconds) VALUES (?, ?, ?)
  ON CONFLICT (tenant) DO UPDATE
  SET seconds = excluded.seconds + CASE day WHEN excluded.day THEN seconds ELSE 0 END, day = excluded.day`
const selectDay = 'SELECT tenant, seconds FROM process_time WHERE day = ?'

export function spend(statements: Statements, tenant: string, { day, seconds }: Spent): void {
  statements.prepare(addSeconds).run(tenant, day, seconds)
}

export const processTimeQueries = {
  'processTime.ofDay': (statements: Statements, day: number): readonly UsedTime[] =>
    Array.from(statements.rows(selectDay, day), ([tenant, seconds]) => ({ tenant, seconds }) as UsedTime),
}
