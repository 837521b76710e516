// Decisions a second of npm @cloud-copilot/iam-simulate on one scenario, as one line of JSON.
// usage: node peer.mjs PEER_DIR SCENARIO.json run|unsafe SECONDS
// node peer.mjs PEER_DIR SCENARIO.json once: one decision in this fresh process.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [peer, file, mode, seconds] = process.argv.slice(2)
const entry = join(peer, 'node_modules/@cloud-copilot/iam-simulate/dist/esm/index.js')
const { runSimulation, runUnsafeSimulation } = await import(pathToFileURL(entry).href)
const scenario = JSON.parse(readFileSync(file, 'utf8'))
const given = scenario.policies
const simulations = scenario.requests.map((request) => ({
  request: {
    principal: request.principal,
    action: request.action,
    resource: { resource: request.resource, accountId: request.resourceAccount },
    contextVariables: request.context,
  },
  identityPolicies: given.identity,
  serviceControlPolicies: given.scps,
  resourceControlPolicies: given.rcps,
  ...(given.session ? { sessionPolicy: given.session } : {}),
  ...(given.vpcEndpoint ? { vpcEndpointPolicies: given.vpcEndpoint } : {}),
}))
const decide =
  mode === 'unsafe'
    ? async (simulation) => runUnsafeSimulation(simulation, {})
    : async (simulation) => (await runSimulation(simulation, {})).overallResult

if (mode === 'once') {
  console.log(await decide(simulations[0]))
} else {
  let wrong = 0
  for (const [place, simulation] of simulations.entries()) {
    if ((await decide(simulation)) !== scenario.requests[place].expected) wrong++
  }
  const spin = async (length) => {
    const start = process.hrtime.bigint()
    let count = 0
    while (Number(process.hrtime.bigint() - start) < length * 1e9) {
      for (const simulation of simulations) await decide(simulation)
      count += simulations.length
    }
    return count / (Number(process.hrtime.bigint() - start) / 1e9)
  }
  await spin(Number(seconds))
  console.log(JSON.stringify({ rate: await spin(Number(seconds)), wrong }))
}
