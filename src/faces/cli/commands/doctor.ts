import type { Command } from 'commander'
import { action, define, type Making } from '../command.ts'
import { examine } from '../examine.ts'
import { EXIT } from '../exit.ts'
import { table } from '../output.ts'

export function doctorCommand(making: Making): Command {
  return define('doctor', 'Examine this machine, the data directory and the server', 'mayfly doctor').action(
    action(making, async (session) => {
      const findings = await examine(session)
      session.out.document(findings, () =>
        table(
          ['', 'WHAT', 'FOUND'],
          findings.map(({ verdict, what, found, advice }) => [
            verdict,
            what,
            advice === undefined ? found : `${found}: ${advice}`,
          ]),
        ),
      )
      return findings.some(({ verdict }) => verdict === 'bad') ? EXIT.FAILED : EXIT.OK
    }),
  )
}
