/** How processes are started and waited for in the words of the C library. Numbers are those of Linux. */
import { constants } from 'node:fs'
import { constants as osConstants } from 'node:os'
import { getSystemErrorName } from 'node:util'
import { type CLibrary, openCLibrary } from '../system/c-library.ts'
import { type Ended, endedOf, unknownEnd, usedWords } from './ended.ts'
import type { ProcessLimits } from './isolation.ts'

/** What a process is made of, in the words of the C library. */
export interface Birthright {
  readonly path: string
  readonly argv: readonly string[]
  /** NAME=value. */
  readonly env: readonly string[]
  readonly cwd: string
  /** Its first descriptors, in their order: ours that become them, or what is opened for it. */
  readonly given: readonly (number | string)[]
}

export interface Libc {
  /**
   * Starts a process in a session of its own, with no signal blocked or ignored, and without what whoever started us left
   * open, as a lock; throws what the system says.
   */
  spawn(what: Birthright): number
  /** Holds a process to these, with all that it starts from now on; one that has ended needs none. */
  limit(pid: number, limits: ProcessLimits): void
  /** How a child has ended, and gives its number back; undefined while it runs. */
  ended(pid: number): Ended | undefined
  /** Whether a child has ended, and nobody has waited for it. */
  awaitsWait(pid: number): boolean
  /** From now on whoever loses its parent below us is our child, as far as the kernel lets us. */
  adoptOrphans(): void
  /** Two ends of a pipe that goes both ways; no program that is started has them, unless it is given one. */
  pair(): readonly [ours: number, theirs: number]
  /** Two ends of a pipe; no program that is started has them, unless it is given one. */
  pipe(): readonly [reading: number, writing: number]
  /** Another number for the same; no program that is started has it, unless it is given it. */
  duplicate(fd: number): number
  /** Leaves it open when this process becomes another program; one that is not open stays what it is. */
  keepOpen(fd: number): void
  /** Has the kernel kill a process as soon as anything happens at this opening of a pipe. */
  killFrom(opening: number, pid: number): void
}

/** Undefined where the system or its library is another. */
export function openLibc(): Libc | undefined {
  const library = openCLibrary()
  try {
    return library && libcOf(library)
  } catch {
    return undefined
  }
}

/** Larger than what any C library of Linux has behind these pointers; the first two are 336 and 80 bytes in glibc. */
const attributesBytes = 1024
const actionsBytes = 256
const signalsBytes = 128
/** `siginfo_t`, which begins with the number of a signal. */
const foundWords = 32

const AF_UNIX = 1
const SOCK_STREAM = 1
const SOCK_CLOEXEC = 0o2000000
const PIPE_CLOEXEC = 0o2000000
const F_SETFD = 2
const F_SETFL = 4
const F_SETOWN = 8
const F_SETSIG = 10
const F_DUPFD_CLOEXEC = 1030
/** Below are those that a process begins with. */
const firstOurs = 3
const O_ASYNC = 0o20000
const WNOHANG = 0x1
const WEXITED = 0x4
const WNOWAIT = 0x0100_0000
const P_PID = 1
const PR_SET_CHILD_SUBREAPER = 36
const RLIMIT_FSIZE = 1
const RLIMIT_DATA = 2
const RLIMIT_NPROC = 6
const RLIMIT_NOFILE = 7
const SPAWN_SETSIGDEF = 0x04
const SPAWN_SETSIGMASK = 0x08
const SPAWN_SETSID = 0x80

function libcOf(library: CLibrary): Libc {
  const c = declareAll(library)
  const attributes = Buffer.alloc(attributesBytes)
  check('posix_spawnattr_init', c.attributesInit(attributes))
  check('posix_spawnattr_setflags', c.setFlags(attributes, SPAWN_SETSIGDEF | SPAWN_SETSIGMASK | SPAWN_SETSID))
  check('posix_spawnattr_setsigdefault', c.setDefaults(attributes, Buffer.alloc(signalsBytes, 0xff)))
  check('posix_spawnattr_setsigmask', c.setMask(attributes, Buffer.alloc(signalsBytes)))
  const used = new BigInt64Array(usedWords)
  const found = new Int32Array(foundWords)

  return {
    spawn({ path, argv, env, cwd, given }) {
      const actions = Buffer.alloc(actionsBytes)
      check('posix_spawn_file_actions_init', c.actionsInit(actions))
      try {
        for (const [at, fd] of given.entries()) {
          // Node holds the first numbers itself, so that none of ours is among them.
          if (typeof fd === 'number' && fd < given.length && fd !== at)
            throw new Error(`descriptor ${fd} would be overwritten`)
          if (typeof fd === 'string') check('open', c.addOpen(actions, at, fd, modeOf(fd), 0))
          else check('dup2', c.addDup(actions, fd, at))
        }
        if (c.addCloseFrom) check('closefrom', c.addCloseFrom(actions, given.length))
        check('chdir', c.addChdir(actions, cwd))
        const pid = [0]
        check(`spawn ${argv[0]}`, c.spawn(pid, path, actions, attributes, [...argv, null], [...env, null]))
        return pid[0] as number
      } finally {
        c.actionsDestroy(actions)
      }
    },
    limit(pid, limits) {
      for (const [resource, most] of inNumbers(limits)) {
        const had = new BigUint64Array(2)
        if (c.limit(pid, resource, new BigUint64Array([most, most]), had) === 0) continue
        const errno = library.errno()
        if (errno === ESRCH) return
        // Whoever may not have so much has less already.
        const [, hard = most] = c.limit(pid, resource, null, had) === 0 ? had : []
        if (errno !== EPERM || hard >= most) check('prlimit', errno)
      }
    },
    ended(pid) {
      const status = [0]
      const ended = c.wait(pid, status, WNOHANG, used)
      if (ended === 0) return undefined
      return ended === pid ? endedOf(status[0] as number, used) : unknownEnd
    },
    awaitsWait(pid) {
      found.fill(0)
      return c.look(P_PID, pid, found, WEXITED | WNOHANG | WNOWAIT) === 0 && found[0] !== 0
    },
    adoptOrphans() {
      c.processControl(PR_SET_CHILD_SUBREAPER, 1)
    },
    pair() {
      const fds = [0, 0]
      const failed = c.pair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) !== 0
      check('socketpair', failed ? library.errno() : 0)
      return fds as [number, number]
    },
    pipe() {
      const fds = [0, 0]
      check('pipe', c.pipe(fds, PIPE_CLOEXEC) === 0 ? 0 : library.errno())
      return fds as [number, number]
    },
    duplicate(fd) {
      const other = c.control(fd, F_DUPFD_CLOEXEC, firstOurs)
      check('fcntl', other === -1 ? library.errno() : 0)
      return other
    },
    keepOpen(fd) {
      c.control(fd, F_SETFD, 0)
    },
    killFrom(opening, pid) {
      const order = [
        [F_SETSIG, osConstants.signals.SIGKILL],
        [F_SETOWN, pid],
        [F_SETFL, O_ASYNC],
      ] as const
      for (const [command, value] of order)
        check('fcntl', c.control(opening, command, value) === -1 ? library.errno() : 0)
    },
  }
}

function declareAll({ declare }: CLibrary) {
  type Bytes = Buffer
  type Texts = readonly (string | null)[]
  return {
    spawn: declare<[number[], string, Bytes, Bytes, Texts, Texts]>(
      'int posix_spawn(_Out_ int *pid, const char *path, void *actions, void *attributes, const char **argv, const char **env)',
    ),
    actionsInit: declare<[Bytes]>('int posix_spawn_file_actions_init(void *actions)'),
    actionsDestroy: declare<[Bytes]>('int posix_spawn_file_actions_destroy(void *actions)'),
    addDup: declare<[Bytes, number, number]>('int posix_spawn_file_actions_adddup2(void *actions, int from, int to)'),
    addOpen: declare<[Bytes, number, string, number, number]>(
      'int posix_spawn_file_actions_addopen(void *actions, int fd, const char *path, int flags, uint32_t mode)',
    ),
    addCloseFrom: closingFrom({ declare }),
    addChdir: declare<[Bytes, string]>('int posix_spawn_file_actions_addchdir_np(void *actions, const char *path)'),
    attributesInit: declare<[Bytes]>('int posix_spawnattr_init(void *attributes)'),
    setFlags: declare<[Bytes, number]>('int posix_spawnattr_setflags(void *attributes, short flags)'),
    setDefaults: declare<[Bytes, Bytes]>('int posix_spawnattr_setsigdefault(void *attributes, void *signals)'),
    setMask: declare<[Bytes, Bytes]>('int posix_spawnattr_setsigmask(void *attributes, void *signals)'),
    wait: declare<[number, number[], number, BigInt64Array]>(
      'int wait4(int pid, _Out_ int *status, int options, void *used)',
    ),
    look: declare<[number, number, Int32Array, number]>('int waitid(int what, int id, void *found, int options)'),
    // Its arguments may be of any sort, and it reads as many as it needs. On Linux they are passed as if they were declared.
    processControl: declare<[number, number]>('int prctl(int option, unsigned long value)'),
    limit: declare<[number, number, BigUint64Array | null, BigUint64Array]>(
      'int prlimit(int pid, int resource, const void *limit, void *had)',
    ),
    pair: declare<[number, number, number, number[]]>(
      'int socketpair(int domain, int type, int protocol, _Out_ int *fds)',
    ),
    pipe: declare<[number[], number]>('int pipe2(_Out_ int *fds, int flags)'),
    // Its last argument may be of any sort, and is read as so wide a one. On Linux it is passed as if it were declared.
    control: declare<[number, number, number]>('int fcntl(int fd, int command, long value)'),
  }
}

/** Undefined in glibc before 2.34: what is inherited and not to be closed goes on to all that is started there. */
function closingFrom({ declare }: Pick<CLibrary, 'declare'>) {
  try {
    return declare<[Buffer, number]>('int posix_spawn_file_actions_addclosefrom_np(void *actions, int from)')
  } catch {
    return undefined
  }
}

function modeOf(path: string): number {
  return path === '/dev/null' ? constants.O_RDWR : constants.O_RDONLY
}

/** Both the limit that counts and the one up to which it could be raised. */
function inNumbers({ fileMiB, dataMiB, threads, openFiles }: ProcessLimits): readonly (readonly [number, bigint])[] {
  return [
    [RLIMIT_FSIZE, BigInt(fileMiB) * bytesOfMiB],
    [RLIMIT_DATA, BigInt(dataMiB) * bytesOfMiB],
    [RLIMIT_NPROC, BigInt(threads)],
    [RLIMIT_NOFILE, BigInt(openFiles)],
  ]
}

const bytesOfMiB = 1_048_576n
const { ESRCH, EPERM } = osConstants.errno

function check(what: string, errno: number): void {
  if (errno === 0) return
  const code = getSystemErrorName(-errno)
  throw Object.assign(new Error(`${what} ${code}`), { code })
}
