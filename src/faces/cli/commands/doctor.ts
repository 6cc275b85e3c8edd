import type { Command } from 'commander'
import { action, define, type Making } from '../command.ts'
import { examine } from '../examine.ts'
import { EXIT } from '../exit.ts'
import { table } from '../output.ts'
import type { Session } from '../session.ts'
import { checkWipe, isClean } from '../wipe-check.ts'
import { size } from '../words.ts'

interface Options {
  readonly wipeCheck?: boolean
}

export function doctorCommand(making: Making): Command {
  const command = define('doctor', 'Examine this machine, the data directory and the server', 'mayfly doctor')
  return command
    .option('--wipe-check', 'run a task with a random secret, and look for it everywhere afterwards')
    .action(
      action<Options>(making, async (session, { wipeCheck = false }) => {
        if (wipeCheck) return sayWipe(session)
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

/** A line for each place, and 0 only where nothing was found but where it must be. */
async function sayWipe(session: Session): Promise<number> {
  const searched = await checkWipe(session)
  const clean = isClean(searched)
  session.out.document({ clean, searched }, () =>
    [
      table(
        ['', 'SEARCHED', 'SIZE', 'FOUND'],
        searched.map(({ place, bytes, hits, isControl = false }) => [
          hits > 0 === isControl ? 'good' : 'bad',
          place,
          size(bytes),
          isControl ? `${hits}, as it must be` : String(hits),
        ]),
      ),
      clean
        ? 'the secret is nowhere'
        : 'the secret was found where it may not be, or the search does not find: please report it',
    ].join('\n'),
  )
  return clean ? EXIT.OK : EXIT.FAILED
}
