/** What a test wants to go wrong with a component. Lines and columns count from 1. */
export interface Problem {
  readonly problem: string
  readonly problemType?: 'Error' | 'Warning'
  readonly lineNumber?: number
  readonly columnNumber?: number
}

export interface TestProblem {
  readonly message: string
  readonly stackTrace?: string
  /** How often the method fails before it passes; for ever when left out. */
  readonly times?: number
}

export interface Coverage {
  readonly lines: number
  readonly uncovered: readonly number[]
}

/** What deployments and test runs of one org find. Without rules everything goes well but for broken files. */
export class Rules {
  readonly #byName = new Map<string, Problem>()
  readonly #byMarker = new Map<string, Problem>()
  readonly #tests = new Map<string, { problem: TestProblem; left: number }>()
  readonly #coverage = new Map<string, Coverage>()

  /** Deployments of the component fail, or warn. */
  fail(fullName: string, problem: Problem): void {
    this.#byName.set(fullName, problem)
  }

  /** So do those of every component with this text in one of its files. */
  failWhere(marker: string, problem: Problem): void {
    this.#byMarker.set(marker, problem)
  }

  /** `name` is `Class.method`, or a class for all of its methods. */
  failTest(name: string, problem: TestProblem): void {
    this.#tests.set(name, { problem, left: problem.times ?? Number.POSITIVE_INFINITY })
  }

  /** How much of a class its tests cover, in percent of 100 lines. */
  cover(className: string, percent: number): void {
    const uncovered = Array.from({ length: 100 - percent }, (_, index) => index + 1)
    this.#coverage.set(className, { lines: 100, uncovered })
  }

  clear(): void {
    for (const rules of [this.#byName, this.#byMarker, this.#tests, this.#coverage]) rules.clear()
  }

  problemOf(fullName: string, texts: readonly string[]): Problem | null {
    const marked = [...this.#byMarker].find(([marker]) => texts.some((text) => text.includes(marker)))
    return this.#byName.get(fullName) ?? marked?.[1] ?? null
  }

  /** What goes wrong in this run of a method; the next run may pass. */
  takeTestProblem(className: string, methodName: string): TestProblem | null {
    const rule = this.#tests.get(`${className}.${methodName}`) ?? this.#tests.get(className)
    if (!rule || rule.left <= 0) return null
    rule.left -= 1
    return rule.problem
  }

  /** Everything is covered unless a rule says otherwise. */
  coverageOf(className: string, body: string): Coverage {
    const statements = body.split('\n').filter((line) => line.includes(';')).length
    return this.#coverage.get(className) ?? { lines: Math.max(statements, 1), uncovered: [] }
  }
}
