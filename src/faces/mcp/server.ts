/**
 * The Model Context Protocol (2025-11-25) over a client of the API. It keeps nothing: whatever it is asked for is at the
 * server, under the same ids, so that neither a restart of the server nor one of this loses anything.
 */
import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import {
  CallToolRequestSchema,
  type CallToolResult,
  ErrorCode,
  ListToolsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js'
import type { ContractTask } from '../../contract/task.ts'
import { version } from '../cli/version.ts'
import { callOf, type Serving } from './call.ts'
import { ProtocolError, sentenceOf } from './errors.ts'
import { answerTasks, toProtocolTask } from './tasks.ts'
import type { Call, Tool } from './tool.ts'
import { toolNamed, toolsOf } from './tools.ts'

const instructions =
  'Mayfly runs each task in a process of its own. Ask task_kinds what there is, task_submit for work (it answers at once ' +
  'with an id), task_wait until it has ended, task_result and task_logs for what came of it. Tasks go on without anybody ' +
  'watching, and keep their ids through restarts.'

export function buildMcpServer(serving: Serving): Server {
  const { client } = serving
  const server = new Server(
    { name: 'mayfly', title: 'Mayfly', version: version() },
    {
      instructions,
      capabilities: { tools: {}, tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } } },
    },
  )
  server.onerror = serving.onFault
  server.setRequestHandler(ListToolsRequestSchema, async () => ({ tools: (await toolsOf(client)).map(describe) }))
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
    const tool = await found(params.name, serving)
    const call = callOf(serving, extra)
    const args = params.arguments ?? {}
    if (params.task) return { task: await toProtocolTask(await submitted(tool, args, call, serving), client) }
    return answer(tool, args, call, serving)
  })
  answerTasks(server, serving)
  return server
}

function describe({ name, title, description, input, output, hints, submit }: Tool) {
  return {
    name,
    title,
    description,
    inputSchema: input as { type: 'object' },
    outputSchema: output as { type: 'object' },
    annotations: hints,
    execution: { taskSupport: submit ? ('optional' as const) : ('forbidden' as const) },
  }
}

async function found(name: string, { client, onFault }: Serving): Promise<Tool> {
  const tool = await toolNamed(name, client).catch((error) => {
    throw new ProtocolError(ErrorCode.InternalError, sentenceOf(error, onFault))
  })
  if (tool) return tool
  throw new ProtocolError(
    ErrorCode.InvalidParams,
    `there is no tool ${JSON.stringify(name)}: tools/list has those that there are`,
  )
}

async function answer(tool: Tool, args: unknown, call: Call, { onFault }: Serving): Promise<CallToolResult> {
  const wrong = tool.check(args)
  if (wrong !== undefined) return refused(`${wrong} (INVALID_ARGUMENTS)`)
  try {
    const { value, text = JSON.stringify(value) } = await tool.run(args, call)
    return { content: [{ type: 'text', text }], structuredContent: value as Record<string, unknown> }
  } catch (error) {
    return refused(sentenceOf(error, onFault))
  }
}

function refused(text: string): CallToolResult {
  return { content: [{ type: 'text', text }], isError: true }
}

/** A call as a task of the protocol: it is answered once there is one. */
async function submitted(tool: Tool, args: unknown, call: Call, { onFault }: Serving): Promise<ContractTask> {
  if (!tool.submit) {
    throw new ProtocolError(ErrorCode.MethodNotFound, `${tool.name} answers at once: call it without asking for a task`)
  }
  const wrong = tool.check(args)
  if (wrong !== undefined) throw new ProtocolError(ErrorCode.InvalidParams, `${wrong} (INVALID_ARGUMENTS)`)
  try {
    return await tool.submit(args, call)
  } catch (error) {
    throw new ProtocolError(ErrorCode.InvalidParams, sentenceOf(error, onFault))
  }
}
