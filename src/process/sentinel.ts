import { type ChildProcess, spawn } from 'node:child_process'

/**
 * Reads `add GROUP` and `del GROUP`, and when nobody can write any more kills the groups that are left. A group whose
 * leader is another process than it was, by the time at which that was started, is somebody else's.
 */
const program = `
  trap '' INT TERM HUP
  started() { ps -o lstart= -p "$1" 2>/dev/null | tr -s ' ' _; }
  groups=' '
  while read -r verb group; do
    case $verb in
      add) groups="$groups$group@$(started "$group") " ;;
      del) groups=$(printf %s "$groups" | sed "s/ $group@[^ ]* / /") ;;
    esac
  done
  for one in $groups; do
    group=\${one%%@*}
    now=$(started "$group")
    if [ -z "$now" ] || [ "$now" = "\${one#*@}" ]; then kill -s KILL -- "-$group" 2>/dev/null; fi
  done
`

/** So often one that has gone is replaced: whatever ends it again and again does not go away by itself. */
const mostStarts = 5

/**
 * Ends the groups of workers when the orchestrator is gone, however that came about, where the kernel does not: a worker
 * that waits notices by itself, one that spins does not. What has left its group is not found. A tiny process of its
 * own, because only another one sees this one die.
 */
export class Sentinel {
  readonly #groups = new Set<number>()
  readonly #lost: () => void
  #child: ChildProcess | undefined
  #starts = 0
  #isClosed = false

  /** `lost` is called when it cannot be kept alive. */
  constructor(lost: () => void) {
    this.#lost = lost
    this.#start()
  }

  /** From now on this group, named by its leader, goes with the orchestrator. */
  add(group: number): void {
    this.#groups.add(group)
    this.#tell(`add ${group}`)
  }

  /** Nothing lives in it any more. */
  remove(group: number): void {
    this.#groups.delete(group)
    this.#tell(`del ${group}`)
  }

  /** It has nothing more to watch. */
  close(): void {
    this.#isClosed = true
    for (const group of this.#groups) this.remove(group)
    this.#child?.stdin?.end()
  }

  #start(): void {
    this.#starts++
    const child = spawn('sh', ['-c', program], { stdio: ['pipe', 'ignore', 'ignore'], detached: true, env: { PATH } })
    this.#child = child
    const gone = () => {
      if (this.#isClosed || this.#child !== child) return
      this.#child = undefined
      if (this.#starts === mostStarts) this.#lost()
      else this.#start()
    }
    child.once('error', gone)
    child.once('exit', gone)
    child.stdin?.on('error', () => {})
    // It does not keep the orchestrator from ending.
    child.unref()
    ;(child.stdin as unknown as { unref?(): void } | null)?.unref?.()
    for (const group of this.#groups) this.#tell(`add ${group}`)
  }

  #tell(line: string): void {
    if (this.#child?.stdin?.writable) this.#child.stdin.write(`${line}\n`)
  }
}

/** Its tools are the system's own. */
const PATH = '/usr/bin:/bin'
