/** What happened over time, as a picture: a column for each setting, so that two stand side by side on the same scales. */
import { firstAbove } from '../schedule/likely.ts'
import { POOLS, type Pool } from '../task/task.ts'
import type { Figures } from './tally.ts'
import type { Moment } from './timeline.ts'

export interface Outcome {
  readonly name: string
  readonly figures: Figures
}

type Point = readonly [x: number, y: number]

interface Chart {
  readonly title: string
  readonly unit: string
  readonly linesOf: (figures: Figures) => Readonly<Record<Pool, readonly Point[]>>
  readonly xTicks: (x: number) => string
}

const colours: Readonly<Record<Pool, string>> = { critical: '#c0392b', normal: '#2471a3', batch: '#7f8c8d' }
const chartWidth = 460
const chartHeight = 180
const margin = { left: 64, right: 16, top: 40, bottom: 36 } as const
const steps = [0, 0.25, 0.5, 0.75, 1] as const

const hours = (x: number) => `${round(x)} h`

const charts: readonly Chart[] = [
  { title: 'Running', unit: 'tasks', linesOf: (figures) => overTime(figures, 'running'), xTicks: hours },
  { title: 'Waiting', unit: 'tasks', linesOf: (figures) => overTime(figures, 'waiting'), xTicks: hours },
  { title: 'Started by the time foretold', unit: '%', linesOf: foretold, xTicks: (x) => `${round(100 * x)} % of p90` },
  { title: 'Waited at most', unit: 's', linesOf: waits, xTicks: (x) => `${round(100 * x)} %` },
]

/** An SVG document. */
export function plot(outcomes: readonly Outcome[]): string {
  const columnWidth = margin.left + chartWidth + margin.right
  const rowHeight = margin.top + chartHeight + margin.bottom
  const drawn = charts
    .map((chart) => ({ chart, lines: outcomes.map(({ figures }) => chart.linesOf(figures)) }))
    .filter(({ lines }) => lines.some((one) => POOLS.some((pool) => one[pool].length > 0)))
  const [width, height] = [outcomes.length * columnWidth, drawn.length * rowHeight + 24]
  const rows = drawn.map(({ chart, lines }, row) => {
    const all = lines.flatMap((one) => Object.values(one).flat())
    const most = { x: mostOf(all.map(([x]) => x)), y: mostOf(all.map(([, y]) => y)) }
    return outcomes.map(({ name }, column) => {
      const place = `translate(${column * columnWidth + margin.left} ${row * rowHeight + margin.top})`
      const title = `${name}: ${chart.title.toLowerCase()}, ${chart.unit}`
      return `<g transform="${place}">${frame(title, most, chart)}${curves(lines[column] ?? {}, most)}</g>`
    })
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="11">`,
    '<rect width="100%" height="100%" fill="#fff"/>',
    ...rows.flat(),
    legend(height),
    '</svg>\n',
  ].join('\n')
}

function overTime({ moments }: Figures, what: 'running' | 'waiting'): Readonly<Record<Pool, readonly Point[]>> {
  const start = moments[0]?.at ?? 0
  const line = (pool: Pool) =>
    moments.map((moment: Moment): Point => [(moment.at - start) / 3_600_000, moment[what][pool]])
  return { critical: line('critical'), normal: line('normal'), batch: line('batch') }
}

/** How long the quickest part of the tasks waited at most. */
function waits({ pools }: Figures): Readonly<Record<Pool, readonly Point[]>> {
  const line = (pool: Pool) => {
    const all = pools.find(({ name }) => name === pool)?.waits ?? new Float64Array()
    const at = (part: number) => all[Math.min(all.length - 1, Math.floor(part * all.length))] ?? 0
    return Array.from({ length: 201 }, (_, index): Point => [index / 200, at(index / 200)])
  }
  return { critical: line('critical'), normal: line('normal'), batch: line('batch') }
}

/** Which part had started after so much of the ninth tenth of the wait that it was told; none where nobody was asked. */
function foretold({ pools }: Figures): Readonly<Record<Pool, readonly Point[]>> {
  const line = (pool: Pool) => {
    const all = pools.find(({ name }) => name === pool)?.foretold.overP90 ?? new Float64Array()
    if (all.length === 0) return []
    return Array.from({ length: 101 }, (_, index): Point => {
      return [index / 50, (100 * firstAbove(all, index / 50)) / all.length]
    })
  }
  return { critical: line('critical'), normal: line('normal'), batch: line('batch') }
}

function frame(title: string, most: { readonly x: number; readonly y: number }, { xTicks }: Chart): string {
  const across = steps.map((step) => {
    const y = chartHeight * (1 - step)
    const label = `<text x="-6" y="${y + 4}" text-anchor="end">${round(step * most.y)}</text>`
    return `<line x1="0" x2="${chartWidth}" y1="${y}" y2="${y}" stroke="#ddd"/>${label}`
  })
  const below = steps.map((step) => {
    const label = xTicks(step * most.x)
    return `<text x="${step * chartWidth}" y="${chartHeight + 16}" text-anchor="middle">${label}</text>`
  })
  return `<text x="0" y="-12" font-size="13" font-weight="bold">${escaped(title)}</text>${[...across, ...below].join('')}`
}

function curves(
  lines: Readonly<Partial<Record<Pool, readonly Point[]>>>,
  most: { readonly x: number; readonly y: number },
): string {
  const placed = ([x, y]: Point) => `${round((x / most.x) * chartWidth)},${round(chartHeight * (1 - y / most.y))}`
  return POOLS.map((pool) => {
    const points = (lines[pool] ?? []).map(placed).join(' ')
    return `<polyline fill="none" stroke="${colours[pool]}" stroke-width="1.5" points="${points}"/>`
  }).join('')
}

function legend(height: number): string {
  return POOLS.map((pool, at) => {
    const x = margin.left + at * 90
    return `<rect x="${x}" y="${height - 20}" width="10" height="10" fill="${colours[pool]}"/><text x="${x + 14}" y="${height - 11}">${pool}</text>`
  }).join('')
}

/** Never 0: what is drawn is a part of it. */
function mostOf(figures: readonly number[]): number {
  return figures.reduce((most, figure) => Math.max(most, figure), 0) || 1
}

function round(figure: number): number {
  return Number(figure.toPrecision(4))
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
