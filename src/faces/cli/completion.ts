import type { Command } from 'commander'

export const shells = ['bash', 'zsh', 'fish']

/** Words that may follow a path of commands: "" is the program itself, "secrets set" a command below a command. */
type Words = ReadonlyMap<string, readonly string[]>

/** A script for the shell, made from the commands themselves; undefined for a shell that is not known. */
export function completionFor(shell: string, program: Command): string | undefined {
  if (shell === 'bash') return bash(wordsOf(program))
  if (shell === 'zsh') return `#compdef mayfly\nautoload -U +X bashcompinit && bashcompinit\n${bash(wordsOf(program))}`
  if (shell === 'fish') return fish(program)
  return undefined
}

function wordsOf(command: Command, path: readonly string[] = []): Words {
  const own = [...command.commands.map((child) => child.name()), ...flagsOf(command)]
  const below = command.commands.flatMap((child) => [...wordsOf(child, [...path, child.name()])])
  return new Map([[path.join(' '), own], ...below])
}

function flagsOf(command: Command): string[] {
  return [...command.options.map(({ long }) => long ?? ''), '--help'].filter((flag) => flag !== '')
}

/** The path is what has been written up to the word, without flags; the longest that is known counts. */
function bash(words: Words): string {
  const cases = [...words].map(([path, after]) => `      "${path}") words="${after.join(' ')}";;`).join('\n')
  return `_mayfly() {
  local path="" words="" word next
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ $word == -* ]] && continue
    next="\${path:+$path }$word"
    case "$next" in
${[...words.keys()]
  .filter((path) => path !== '')
  .map((path) => `      "${path}") path="$next";;`)
  .join('\n')}
    esac
  done
  case "$path" in
${cases}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
  [[ \${#COMPREPLY[@]} -eq 0 ]] && compopt -o default
}
complete -F _mayfly mayfly
`
}

function fish(program: Command): string {
  const top = program.commands.map(
    (command) =>
      `complete -c mayfly -f -n __fish_use_subcommand -a ${command.name()} -d ${quoted(command.summary() || command.description())}`,
  )
  return `${[...top, ...program.commands.flatMap((command) => fishBelow(command, [command.name()]))].join('\n')}\n`
}

function fishBelow(command: Command, path: readonly string[]): string[] {
  const seen = path.map((name) => `__fish_seen_subcommand_from ${name}`).join('; and ')
  const flags = command.options.flatMap(({ long, description }) =>
    long ? [`complete -c mayfly -n '${seen}' -l ${long.slice(2)} -d ${quoted(description)}`] : [],
  )
  const below = command.commands.flatMap((child) => [
    `complete -c mayfly -f -n '${seen}' -a ${child.name()} -d ${quoted(child.description())}`,
    ...fishBelow(child, [...path, child.name()]),
  ])
  return [...flags, ...below]
}

function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, (character) => `\\${character}`)}'`
}
