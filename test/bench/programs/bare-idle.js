// The limit of an idle orchestrator: Fastify and ws, with nothing to do.
import Fastify from 'fastify'
import { WebSocketServer } from 'ws'

const app = Fastify()
app.get('/', async () => ({}))
await app.listen({ host: '127.0.0.1', port: 0 })
new WebSocketServer({ server: app.server })
process.on('disconnect', () => process.exit(0))
process.send?.({})
