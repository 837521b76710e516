// A matrix of requests through npm @cloud-copilot/iam-simulate: an answer a cell, and the seconds.
// usage: node peer_matrix.mjs PEER_DIR MATRIX.json run|unsafe
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [peer, file, mode] = process.argv.slice(2)
const entry = join(peer, 'node_modules/@cloud-copilot/iam-simulate/dist/esm/index.js')
const { runSimulation, runUnsafeSimulation } = await import(pathToFileURL(entry).href)
const matrix = JSON.parse(readFileSync(file, 'utf8'))
const decide =
  mode === 'unsafe'
    ? async (simulation) => runUnsafeSimulation(simulation, {})
    : async (simulation) => (await runSimulation(simulation, {})).overallResult

const start = process.hrtime.bigint()
const answers = []
for (const principal of matrix.principals) {
  for (const action of matrix.actions) {
    for (const resource of matrix.resources) {
      const answer = await decide({
        request: {
          principal: principal.arn,
          action,
          resource: { resource, accountId: matrix.account },
          contextVariables: matrix.context,
        },
        identityPolicies: principal.policies,
        serviceControlPolicies: matrix.scps,
        resourceControlPolicies: [],
      })
      answers.push(answer === 'Allowed' ? 'a' : 'd')
    }
  }
}
const seconds = Number(process.hrtime.bigint() - start) / 1e9
console.log(JSON.stringify({ seconds, answers: answers.join('') }))
