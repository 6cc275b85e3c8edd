/**
 * Namespaces of users for sandboxes: inside there is root, who sets the sandbox up, and one user, who is another one outside.
 * None can be made below it. It lives for as long as its descriptor is open, and serves one sandbox after the other.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, writeFileSync } from 'node:fs'
import type { Readable } from 'node:stream'

/** It says when it is in there, waits for the map, forbids more of them, says so, and ends when it is let go. */
const script = 'echo; read go && echo 0 > /proc/sys/user/max_user_namespaces && echo && read end'
const patienceMs = 10_000

/** The descriptor of one in which `inside` is `outside`. Only root may, and where the kernel lets root make them. */
export async function openUserNamespace(inside: number, outside: number): Promise<number> {
  const child = spawn('unshare', ['--user', '--keep-caps', '--', 'sh', '-c', script], {
    stdio: ['pipe', 'pipe', 'ignore'],
    timeout: patienceMs,
    killSignal: 'SIGKILL',
    cwd: '/',
  })
  child.stdin.on('error', () => {})
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject)
    child.once('exit', (code) =>
      reject(new Error(`unshare --user exited with ${code}: no user namespace could be made`)),
    )
  })
  failed.catch(() => {})
  const said = () => Promise.race([once(child.stdout as Readable, 'data'), failed])
  try {
    await said()
    for (const map of ['uid_map', 'gid_map'])
      writeFileSync(`/proc/${child.pid}/${map}`, `0 0 1\n${inside} ${outside} 1\n`)
    child.stdin.write('\n')
    await said()
    return openSync(`/proc/${child.pid}/ns/user`, 'r')
  } finally {
    child.stdin.end()
  }
}
