/** Settings: flags > environment > config file > defaults, checked as a whole. */
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { complaintBy } from '../contract/check.ts'
import { isKeyFile } from '../secrets/key-source.ts'
import { complaintOf } from './complaints.ts'
import { defaults } from './defaults.ts'
import { ConfigError } from './error.ts'
import { merge, readConfigFile } from './file.ts'
import { Config } from './schema.ts'
import { type Environment, fromEnvironment, fromText, readFlags } from './written.ts'

/** Where a setting comes from. */
export type Source = 'default' | 'file' | 'environment' | 'flag'

interface Settings {
  readonly config: Config
  readonly sources: Readonly<Partial<Record<keyof Config, Source>>>
}

/** Throws ConfigError. Paths are resolved against the working directory. */
export function readConfig(args: readonly string[], environment: Environment): Config {
  return readSettings(args, environment).config
}

/** The same, with where each setting comes from. */
export function readSettings(args: readonly string[], environment: Environment): Settings {
  const flags = readFlags(args)
  const file = flags.config ?? environment.MAYFLY_CONFIG
  const layers: readonly (readonly [Source, Partial<Config>])[] = [
    ['default', defaults()],
    ['file', file === undefined ? {} : readConfigFile(file)],
    ['environment', fromText(fromEnvironment(environment))],
    ['flag', fromText(flags)],
  ]
  const config = layers.reduce<Config>((all, [, layer]) => merge(all, layer), defaults())
  const [, ...given] = layers.map(([, layer]) => Object.keys(layer))
  const complaint = complaintAbout(config, new Set(given.flat())) ?? complaintOf(config)
  if (complaint) throw new ConfigError(complaint)
  const sources = Object.assign({}, ...layers.map(([source, layer]) => mapValues(layer, source)))
  return { config: located(config), sources }
}

/**
 * What is wrong with the settings that are given: all others are as they are by default. The schema of all of them took
 * each start 50 ms of CPU to compile (measured).
 */
function complaintAbout(config: Config, given: ReadonlySet<string>): string | undefined {
  const among = (all: object) => Object.fromEntries(Object.entries(all).filter(([name]) => given.has(name)))
  const required = Config.required.filter((name) => given.has(name))
  const schema = { ...Config, properties: among(Config.properties), required }
  return complaintBy(schema, among(config), 'the configuration')
}

function mapValues(layer: object, source: Source): Record<string, Source> {
  return Object.fromEntries(Object.keys(layer).map((name) => [name, source]))
}

function located(config: Config): Config {
  const { masterKey, formerMasterKey, secrets } = config
  return {
    ...config,
    ...(masterKey !== undefined && { masterKey: locatedKey(masterKey) }),
    ...(formerMasterKey !== undefined && { formerMasterKey: locatedKey(formerMasterKey) }),
    data: resolve(config.data),
    kinds: config.kinds.map(resolveDirectory),
    secrets: { ...secrets, files: mapMembers(secrets.files, (root) => ({ ...root, path: resolve(root.path) })) },
  }
}

function locatedKey(setting: string): string {
  return isKeyFile(setting) ? resolve(setting) : setting
}

function mapMembers<T>(members: Readonly<Record<string, T>>, change: (member: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(members).map(([name, member]) => [name, change(member)]))
}

function resolveDirectory(kinds: string): string {
  const path = resolve(kinds)
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path
  throw new ConfigError(`kinds: there is no directory ${path}`)
}
