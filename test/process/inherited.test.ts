import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'

const module = JSON.stringify(new URL('../../src/process/inherited.ts', import.meta.url).href)
const program = `
  import { inheritedDescriptors } from ${module}
  setTimeout(() => console.log(JSON.stringify(inheritedDescriptors().toSorted((a, b) => a - b))))`
const closeAll = 'for fd in $(ls /proc/$$/fd); do [ $fd -gt 2 ] && eval "exec $fd>&-"; done;'

const node = ['--input-type=module', '-e', program]

/** What a program finds to which bash opens these and nothing else. */
function inheritedBy(openings: string): unknown {
  const script = `${closeAll} ${openings} exec "$@"`
  const words = ['-c', script, 'bash', process.execPath, ...node]
  const { stdout, stderr } = spawnSync('bash', words, { encoding: 'utf8' })
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout)
}

describe.runIf(process.platform === 'linux')('the descriptors that a process was given', () => {
  it('are none that Node has for itself', () => {
    expect(inheritedBy('')).toEqual([])
  })

  it('are files, directories and devices, whatever their numbers are', () => {
    expect(inheritedBy('exec 3</etc/passwd 5</ 9</dev/zero 60>>/dev/full;')).toEqual([3, 5, 9, 60])
  })

  it('are sockets that its parent made in pairs', () => {
    const { stdout } = spawnSync(process.execPath, node, {
      stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
      encoding: 'utf8',
    })
    expect(JSON.parse(stdout)).toContain(3)
  })

  it('are pipes of which the other end is elsewhere', () => {
    expect(inheritedBy('exec 4< <(cat) 7> >(cat);')).toEqual([4, 7])
  })
})
