import { MemoryBus } from '../emulator/sim/memory-bus.js';
import { SeededRandom } from '../emulator/sim/seeded-random.js';
import { Routine } from '../emulator/fleet/routine.js';
import { virtualFleet } from './support/virtual-fleet.js';
import { nodeCryptoForTests } from './support/test-crypto.js';
const { fleet, clock } = virtualFleet(new MemoryBus(), nodeCryptoForTests(), 'routine', 1);
fleet.onDeviceEvent((e) => { if (e.name !== 'command-executed' && e.name!=='display-updated') console.log(e.type, e.name, JSON.stringify(e.detail)); });
await fleet.start();
const routine = new Routine(fleet, clock, { perSecond: 1, random: new SeededRandom('routine').stream('routine') });
routine.start();
for (let i = 0; i < 18; i++) { clock.advance(1000); console.log(i, JSON.stringify(routine.lastOf('home-1')), fleet.headEnd.totals().pending, fleet.headEnd.totals().commands); }
clock.advance(40000);
console.log(JSON.stringify(fleet.headEnd.totals()), JSON.stringify(routine.totals()));
