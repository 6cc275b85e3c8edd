/** What the programs that bring secrets may know of us: where the session’s keychain is, and whose home this is. */
export function secretsEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const names = ['HOME', 'USER', 'DBUS_SESSION_BUS_ADDRESS', 'XDG_RUNTIME_DIR']
  const session = names.flatMap((name) => {
    const value = env[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return { ...workerEnvironment(env), ...Object.fromEntries(session) }
}

/** What every worker's environment is made of; nothing else of ours gets in. */
export function workerEnvironment({
  PATH = '/usr/bin:/bin',
  LANG = 'C.UTF-8',
  TZ,
}: NodeJS.ProcessEnv): Record<string, string> {
  return { PATH, LANG, ...(TZ !== undefined && { TZ }) }
}
