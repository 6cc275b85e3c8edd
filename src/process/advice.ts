/** What to do where an isolation level does not work, by what was complained of and by how the kernel is set. */
import { existsSync } from 'node:fs'
import { readProc } from './proc.ts'

/** Settings of the kernel that keep sandboxes from being made, or tasks from each other; undefined where there is none. */
export interface KernelSettings {
  /** Ubuntu 23.10 and newer: 1 keeps programs without a profile of AppArmor from user namespaces. */
  readonly appArmorRestricts: string | undefined
  /** Debian: 0 keeps everybody but root from user namespaces. */
  readonly userNamespaces: string | undefined
  readonly maxUserNamespaces: string | undefined
  /** Yama: 0 lets a process read the memory of every other of the same user. */
  readonly ptraceScope: string | undefined
  readonly isContainer: boolean
}

export function kernelSettings(): KernelSettings {
  const read = (path: string) => readProc(`/proc/sys/${path}`)?.trim()
  return {
    appArmorRestricts: read('kernel/apparmor_restrict_unprivileged_userns'),
    userNamespaces: read('kernel/unprivileged_userns_clone'),
    maxUserNamespaces: read('user/max_user_namespaces'),
    ptraceScope: read('kernel/yama/ptrace_scope'),
    isContainer: existsSync('/.dockerenv') || existsSync('/run/.containerenv'),
  }
}

interface Remedy {
  readonly applies: (missing: string, kernel: KernelSettings) => boolean
  readonly advice: string
}

const hasNoNamespaces = (missing: string) =>
  /uid map|creat\w* new namespace|unshare failed|RTM_NEWADDR|Operation not permitted|Permission denied/i.test(missing)

const remedies: readonly Remedy[] = [
  {
    applies: (missing) => /no users are given/.test(missing),
    advice: 'give tasks users that no accounts are: `"users": {"first": 62000, "count": 200}` in the config file',
  },
  {
    applies: (missing) => /level 3 .*: it takes/.test(missing),
    advice:
      'run the server as root, where there are control groups with memory and pids, as a unit of systemd with `Delegate=memory pids`',
  },
  {
    applies: (missing) => /bwrap ENOENT/.test(missing),
    advice: 'install bubblewrap (`apt install bubblewrap`, `dnf install bubblewrap`, `apk add bubblewrap`)',
  },
  {
    applies: (missing) => /setpriv|unshare/.test(missing) && /ENOENT/.test(missing),
    advice: 'install util-linux (setpriv, unshare)',
  },
  {
    applies: (missing) => /Unknown option/.test(missing),
    advice: 'install a newer bubblewrap, 0.5 at least',
  },
  {
    applies: (missing, kernel) => kernel.appArmorRestricts === '1' && hasNoNamespaces(missing),
    advice:
      'AppArmor keeps bwrap from user namespaces (Ubuntu 23.10 and newer): give it a profile, in /etc/apparmor.d/bwrap `abi <abi/4.0>, profile bwrap /usr/bin/bwrap flags=(unconfined) { userns, }` and `apparmor_parser -r /etc/apparmor.d/bwrap`, or set `sysctl kernel.apparmor_restrict_unprivileged_userns=0`',
  },
  {
    applies: (missing, kernel) => kernel.userNamespaces === '0' && hasNoNamespaces(missing),
    advice: 'allow user namespaces: `sysctl kernel.unprivileged_userns_clone=1`',
  },
  {
    applies: (missing, kernel) => kernel.maxUserNamespaces === '0' && hasNoNamespaces(missing),
    advice: 'allow user namespaces: `sysctl user.max_user_namespaces=15000`',
  },
  {
    applies: (missing, kernel) => kernel.isContainer && hasNoNamespaces(missing),
    advice:
      'the container runtime forbids namespaces: run it with `--security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined`, or run Mayfly outside of a container',
  },
  {
    applies: (missing) => /needs Linux/.test(missing),
    advice: 'run the server on Linux, where tasks are to be kept from each other',
  },
]

/** What to do, one sentence each; empty when nothing is missing. */
export function adviceOn(missing: string, kernel: KernelSettings): readonly string[] {
  if (missing === '') return []
  const found = remedies.filter(({ applies }) => applies(missing, kernel)).map(({ advice }) => advice)
  return found.length > 0 ? found : ['it needs Linux, bubblewrap, util-linux, and root or user namespaces']
}

/** What lets tasks of the same user read each other's memory, where no sandbox keeps them apart. */
export function peekingBelowSandbox({ ptraceScope }: KernelSettings): string | undefined {
  if (ptraceScope !== undefined && ptraceScope !== '0') return undefined
  return ptraceScope === undefined
    ? 'tasks can read the memory of each other: the kernel has no Yama that would keep them from it'
    : 'tasks can read the memory of each other: `sysctl kernel.yama.ptrace_scope=1` keeps them from it'
}
