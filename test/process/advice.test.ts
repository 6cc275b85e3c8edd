import { describe, expect, it } from 'vitest'
import { adviceOn, type KernelSettings, kernelSettings, peekingBelowSandbox } from '../../src/process/advice.ts'

const plain: KernelSettings = {
  appArmorRestricts: undefined,
  userNamespaces: undefined,
  maxUserNamespaces: '15000',
  ptraceScope: '1',
  isContainer: false,
}

describe('the advice on an isolation level that does not work', () => {
  it.each([
    ['spawn bwrap ENOENT', {}, 'apt install bubblewrap'],
    ['spawn setpriv ENOENT', {}, 'install util-linux'],
    ['bwrap: Unknown option --perms', {}, 'newer bubblewrap'],
    ['bwrap: setting up uid map: Permission denied', { appArmorRestricts: '1' }, 'AppArmor'],
    [
      'bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted',
      { appArmorRestricts: '1' },
      '/etc/apparmor.d/bwrap',
    ],
    ['bwrap: No permissions to create new namespace', { userNamespaces: '0' }, 'unprivileged_userns_clone=1'],
    ['bwrap: Creating new namespace failed: No space left', { maxUserNamespaces: '0' }, 'max_user_namespaces'],
    ['bwrap: No permissions to create new namespace', { isContainer: true }, 'seccomp=unconfined'],
    ['level 2 needs Linux', {}, 'run the server on Linux'],
    ['something that nobody foresaw', {}, 'it needs Linux, bubblewrap'],
  ] as const)('%s, with %o, names the remedy', (missing, kernel, remedy) => {
    expect(adviceOn(missing, { ...plain, ...kernel }).join()).toContain(remedy)
  })

  it('is none where nothing is missing', () => {
    expect(adviceOn('', plain)).toEqual([])
  })
})

it('tells where tasks of one user can read the memory of each other', () => {
  expect(peekingBelowSandbox(plain)).toBeUndefined()
  expect(peekingBelowSandbox({ ...plain, ptraceScope: '0' })).toContain('ptrace_scope=1')
  expect(peekingBelowSandbox({ ...plain, ptraceScope: undefined })).toContain('no Yama')
  expect(kernelSettings().isContainer).toBeTypeOf('boolean')
})
