/** What every worker's environment is made of; nothing else of ours gets in. */
export function workerEnvironment({
  PATH = '/usr/bin:/bin',
  LANG = 'C.UTF-8',
  TZ,
}: NodeJS.ProcessEnv): Record<string, string> {
  return { PATH, LANG, ...(TZ !== undefined && { TZ }) }
}
