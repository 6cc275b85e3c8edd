/** Scripts with which shells complete commands, flags and their values, made from the commands themselves. */
import type { Command, Option } from 'commander'
import { quoted } from './invocation.ts'

export const shells = ['bash', 'zsh', 'fish']

/** Undefined for a shell that is not known. */
export function completionFor(shell: string, program: Command): string | undefined {
  if (shell === 'bash') return bash(placesIn(program), flagsIn(program))
  if (shell === 'zsh') return zsh(placesIn(program), flagsIn(program))
  if (shell === 'fish') return fish(program)
  return undefined
}

interface Word {
  readonly word: string
  readonly about: string
}

/** A path of commands and what may follow it: "" is the program itself, "secrets set" a command below a command. */
interface Place {
  readonly path: string
  readonly words: readonly Word[]
}

function placesIn(command: Command, path: readonly string[] = []): Place[] {
  const words = [...wordsAfter(command), ...flagsOf(command).map(({ long, description }) => said(long, description))]
  const below = command.commands.flatMap((child) => placesIn(child, [...path, child.name()]))
  return [{ path: path.join(' '), words }, ...below]
}

function wordsAfter(command: Command): Word[] {
  const { parent, commands, registeredArguments } = command
  const named = command.name() === 'help' && parent ? parent.commands : commands
  const choices = registeredArguments.flatMap(({ argChoices = [], description }) =>
    argChoices.map((choice) => said(choice, description)),
  )
  return [...named.map((child) => said(child.name(), child.description())), ...choices]
}

const said = (word: string | undefined, about: string): Word => ({ word: word ?? '', about })

function flagsOf(command: Command): (Option & { readonly long: string })[] {
  const all = command.createHelp().visibleOptions(command)
  return all.filter((option): option is Option & { long: string } => option.long !== undefined)
}

/** What may stand after a flag that takes a value: choices, or the path of a file, or nothing that is known. */
interface Flag {
  readonly long: string
  readonly choices: readonly string[]
  readonly isPath: boolean
}

function flagsIn(command: Command): Flag[] {
  const all = new Map<string, Flag>()
  const add = (each: Command) => {
    for (const option of flagsOf(each)) if (option.required) all.set(option.long, toFlag(option))
    each.commands.forEach(add)
  }
  add(command)
  return [...all.values()]
}

function toFlag({ long, argChoices = [], flags }: Option & { readonly long: string }): Flag {
  return { long, choices: argChoices, isPath: /<(path|directory|file)>/.test(flags) }
}

/** The path is what has been written up to the word, without flags; the longest that is known counts. */
const pathCases = (places: readonly Place[]) =>
  places
    .filter(({ path }) => path !== '')
    .map(({ path }) => `      "${path}") at="$next";;`)
    .join('\n')

function bash(places: readonly Place[], flags: readonly Flag[]): string {
  const names = (some: readonly Flag[]) => some.map(({ long }) => long).join('|')
  return `_mayfly() {
  local at="" words="" word next i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    [[ $word == -- ]] && { compopt -o default; COMPREPLY=(); return; }
    [[ $word == -* ]] && continue
    next="\${at:+$at }$word"
    case "$next" in
${pathCases(places)}
    esac
  done
  case "\${COMP_WORDS[COMP_CWORD-1]}" in
${flags
  .filter(({ choices }) => choices.length > 0)
  .map(({ long, choices }) => `    ${long}) words="${choices.join(' ')}";;`)
  .join('\n')}
    ${names(flags.filter(({ isPath }) => isPath))}) compopt -o default; COMPREPLY=(); return;;
    ${names(flags.filter(({ isPath, choices }) => !isPath && choices.length === 0))}) COMPREPLY=(); return;;
    *) case "$at" in
${places.map(({ path, words }) => `      "${path}") words="${words.map(({ word }) => word).join(' ')}";;`).join('\n')}
    esac;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _mayfly mayfly
`
}

function zsh(places: readonly Place[], flags: readonly Flag[]): string {
  const described = ({ word, about }: Word) => quoted(`${word.replaceAll(':', '\\:')}:${about}`)
  return `#compdef mayfly
_mayfly() {
  local at="" word next
  local -a found
  for word in "\${(@)words[2,CURRENT-1]}"; do
    [[ $word == -- ]] && { _normal; return }
    [[ $word == -* ]] && continue
    next="\${at:+$at }$word"
    case "$next" in
${pathCases(places)}
    esac
  done
  case "\${words[CURRENT-1]}" in
${flags.map((flag) => `    ${flag.long}) ${valuesInZsh(flag)}; return;;`).join('\n')}
  esac
  case "$at" in
${places.map(({ path, words }) => `    "${path}") found=(${words.map(described).join(' ')});;`).join('\n')}
  esac
  _describe mayfly found
}
if [[ "$funcstack[1]" == _mayfly ]]; then _mayfly "$@"; else compdef _mayfly mayfly; fi
`
}

function valuesInZsh({ choices, isPath }: Flag): string {
  if (isPath) return '_files'
  return choices.length > 0 ? `compadd ${choices.join(' ')}` : '_message value'
}

function fish(program: Command): string {
  const top = wordsAfter(program).map(
    ({ word, about }) => `complete -c mayfly -n __fish_use_subcommand -a ${word} -d ${quotedForFish(about)}`,
  )
  const below = program.commands.flatMap((command) => fishBelow(command, [command.name()]))
  return `${['complete -c mayfly -f', ...top, ...below].join('\n')}\n`
}

function fishBelow(command: Command, path: readonly string[]): string[] {
  const seen = path.map((name) => `__fish_seen_subcommand_from ${name}`).join('; and ')
  const words = wordsAfter(command).map(
    ({ word, about }) => `complete -c mayfly -n '${seen}' -a ${word} -d ${quotedForFish(about)}`,
  )
  const flags = flagsOf(command).map(
    (option) =>
      `complete -c mayfly -n '${seen}' -l ${option.long.slice(2)} -d ${quotedForFish(option.description)}${valuesInFish(option)}`,
  )
  return [...words, ...flags, ...command.commands.flatMap((child) => fishBelow(child, [...path, child.name()]))]
}

function valuesInFish(option: Option & { readonly long: string }): string {
  if (!option.required) return ''
  const { choices, isPath } = toFlag(option)
  return isPath ? ' -r -F' : ` -x${choices.length > 0 ? ` -a '${choices.join(' ')}'` : ''}`
}

function quotedForFish(text: string): string {
  return `'${text.replaceAll(/['\\]/g, (character) => `\\${character}`)}'`
}
