import * as vscode from 'vscode'
import { MayflyError } from '../../../client/client.ts'
import type { ContractTask } from '../../../contract/task.ts'
import { shortId } from '../../cli/words.ts'
import type { Session } from '../link/session.ts'
import { endingOf } from '../view/ending.ts'
import { Steps } from '../view/progress.ts'
import type { Problems } from './problems.ts'
import type { Started, StartedTasks } from './started.ts'

/** Follows tasks in notifications, each to its end or until nobody wants to watch it any more. */
export class Follower {
  readonly #session: Session
  readonly #started: StartedTasks
  readonly #problems: Problems
  readonly #following = new Set<string>()
  /** What was sent to tasks that have ended: one that is run again is about the same files. */
  readonly #folders = new Map<string, string>()

  constructor(session: Session, started: StartedTasks, problems: Problems) {
    this.#session = session
    this.#started = started
    this.#problems = problems
  }

  /** Those of this workspace that were going on when the editor closed, or the server was left. */
  again(url: string): void {
    for (const started of this.#started.at(url)) void this.follow(started)
  }

  folderOf(id: string): string | undefined {
    return this.#folders.get(id)
  }

  /** Never throws: whatever comes of it is told. */
  async follow(started: Started): Promise<void> {
    const { id, kind } = started
    if (this.#following.has(id)) return
    this.#following.add(id)
    if (started.folder !== undefined) this.#folders.set(id, started.folder)
    try {
      await this.#started.add(started)
      const task = await this.#watch(id, `${kind} ${shortId(id)}`)
      await this.#started.forget(id)
      if (task) await this.#tell(task, started)
    } catch (error) {
      await this.#lose(started, error)
    } finally {
      this.#following.delete(id)
    }
  }

  /** The task once it has ended; nothing when it is no longer to be watched. */
  async #watch(id: string, name: string): Promise<ContractTask | undefined> {
    const steps = new Steps()
    let isCancelling = false
    for (;;) {
      const title = isCancelling ? `Mayfly: cancelling ${name}` : `Mayfly: ${name}`
      const task = await this.#notify(id, title, steps)
      if (task) return task
      const goesOn = isCancelling ? 'stop' : await askWhatToStop(name)
      if (goesOn === 'stop') return undefined
      isCancelling = true
      await this.#cancel(id)
    }
  }

  /** Nothing when its button was pressed, which the editor calls Cancel. */
  async #notify(id: string, title: string, steps: Steps): Promise<ContractTask | undefined> {
    const stop = new AbortController()
    const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true }
    try {
      return await vscode.window.withProgress(options, (progress, token) => {
        token.onCancellationRequested(() => stop.abort(new Stopped()))
        return this.#session.follow(id, { signal: stop.signal, onTask: (task) => progress.report(steps.to(task)) })
      })
    } catch (error) {
      if (error instanceof Stopped) return undefined
      throw error
    }
  }

  async #cancel(id: string): Promise<void> {
    try {
      await this.#session.link.client?.cancel(id, 'cancelled in the editor')
    } catch (error) {
      // It has ended meanwhile: how, is told next.
      if (!(error instanceof MayflyError && error.code === 'CONFLICT')) throw error
    }
  }

  async #tell(task: ContractTask, { folder }: Started): Promise<void> {
    const { client } = this.#session.link
    const found = folder && client ? await this.#problems.show(task, vscode.Uri.parse(folder), client) : undefined
    const { severity, sentence } = endingOf(task, found)
    const actions = actionsAfter(task, found !== undefined && found.byFile.size > 0)
    const say = {
      information: vscode.window.showInformationMessage,
      warning: vscode.window.showWarningMessage,
      error: vscode.window.showErrorMessage,
    }
    const choice = await say[severity](sentence, ...Object.keys(actions))
    if (choice !== undefined) await actions[choice]?.()
  }

  /** Where the link was given up, the task is followed again with the next one; where it is not known, never. */
  async #lose(started: Started, error: unknown): Promise<void> {
    if (!(error instanceof MayflyError)) return
    if (error.code === 'NOT_FOUND') await this.#started.forget(started.id)
    void vscode.window.showErrorMessage(this.#session.link.sentenceOf(error, started.url))
  }
}

class Stopped extends Error {}

async function askWhatToStop(name: string): Promise<'stop' | 'cancel'> {
  const [stop, cancel] = ['Stop Watching', 'Cancel Task']
  const question = `Only stop watching ${name}, which goes on, or cancel it?`
  return (await vscode.window.showInformationMessage(question, stop, cancel)) === cancel ? 'cancel' : 'stop'
}

type Actions = Readonly<Record<string, () => Thenable<unknown>>>

function actionsAfter({ id, state }: ContractTask, hasFound: boolean): Actions {
  const command = (name: string) => () => vscode.commands.executeCommand(name, { id })
  return {
    ...(hasFound && { 'Show Problems': () => vscode.commands.executeCommand('workbench.actions.view.problems') }),
    ...(state === 'succeeded' && !hasFound && { 'Show Task': command('mayfly.showTask') }),
    'Open Log': command('mayfly.openLog'),
    ...(state === 'failed' && { Retry: command('mayfly.retryTask') }),
  }
}
