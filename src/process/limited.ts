/**
 * Level 1: the kernel ends a worker with the orchestrator, also in `for(;;)`, and all that it has started with it; the
 * whole tree has limits.
 *
 *     setpriv   the kernel kills what comes next when the orchestrator dies; a tie does without it
 *     unshare   a pid namespace of its own, so that the whole tree dies with it
 *     sh        its init, which sets the limits, reaps orphans and passes the exit on
 */
import { TIE_FD } from './descriptors.ts'
import { type Isolation, LIMITED, setting, type Walls } from './isolation.ts'
import { fewNumbers } from './numbers.ts'
import type { Tie } from './tie.ts'

const dieWithParent = ['--pdeathsig', 'KILL', '--no-new-privs', '--']
const namespace = ['--pid', '--fork', '--kill-child', '--mount-proc', '--']
const can = { level: LIMITED, canCutOff: false, keepsInMemory: false }

/**
 * As root, where its starter can tie it. That `--no-new-privs` goes with `setpriv` is no loss: to root no file gives a right
 * that it does not have, and what a task starts as somebody else is its own affair. The orchestrator could hand that on
 * only if it had it itself, and the commands that bring secrets may need what files give.
 */
export function limitedByTie(tie: Tie): Isolation {
  return { ...can, tie, wrap: (walls) => [walls.locate('unshare'), ...namespace, ...init(walls)] }
}

/** With the right to make namespaces: root. */
export const limited: Isolation = {
  ...can,
  wrap: (walls) => [
    ...[walls.locate('setpriv'), ...dieWithParent],
    ...[walls.locate('unshare'), ...namespace],
    ...init(walls),
  ],
}

/**
 * Without that right, inside a user namespace. It comes first because entering it clears the parent-death signal; the
 * capabilities that the second unshare needs are dropped before anything of the task runs.
 */
export const limitedByUserNamespace: Isolation = {
  ...can,
  wrap: (walls) => [
    ...[walls.locate('unshare'), '--user', '--map-current-user', '--keep-caps', '--'],
    ...[walls.locate('setpriv'), ...dieWithParent],
    ...[walls.locate('unshare'), ...namespace],
    ...[walls.locate('setpriv'), '--inh-caps=-all', '--ambient-caps=-all', '--bounding-set=-all', '--'],
    ...init(walls),
  ],
}

/**
 * The first process of the namespace. It runs the worker beside itself, because a first process is immune to signals
 * and would adopt orphans without reaping them; it lets go of the tie, which is not for the worker either, of the
 * variables that a shell adds, and of the pipes, so that their ends mean something; and a worker killed by signal n makes
 * it exit with 128 + n, the shell's convention, which `exitOf` reads back.
 */
function init({ limits, shed = [], locate }: Walls): readonly string[] {
  const script = `
    unset ${['PWD', 'OLDPWD', 'SHLVL', ...shed].join(' ')}
    ${setting(limits)}
    { ${fewNumbers(limits.threads)}; } 2>/dev/null
    exec ${TIE_FD}<&-
    "$@" & exec >&- 2>&- 3<&- 4>&-
    wait $!`
  return [locate('sh'), '-c', script, 'sh']
}
