/** The limit of a submission: the route alone, and nothing behind it. */
import { serve } from './route.ts'

await serve()
