import { describe, expect, it } from 'vitest';
import type { Esme } from '../../../emulator/devices/esme/device.js';
import { entitiesOfHome } from '../../../emulator/fleet/start-fleet.js';
import { MemoryBus } from '../../../emulator/sim/memory-bus.js';
import { eui64 } from '../../../protocols/codec/eui64.js';
import { encodeDlmsApdu } from '../../../protocols/dlms/apdu.js';
import type { AccessRequestItem } from '../../../protocols/dlms/apdu-types.js';
import { data } from '../../../protocols/dlms/construct.js';
import { encodePreCommand, withMac, withSignature } from '../../../protocols/gbcs/message.js';
import { computeMac } from '../../../protocols/gbcs/protection.js';
import { nodeCryptoForTests } from '../../support/test-crypto.js';
import { virtualFleet } from '../../support/virtual-fleet.js';

const acb = eui64('90b3d51f30000002');
const supplier = eui64('90b3d51f30010000');
const ecs45 = 0x0052;

describe('a command whose payload is not that of its message code', () => {
  it.each<[string, AccessRequestItem]>([
    [
      'supply control under the code of a read',
      {
        request: 'action',
        classId: 9,
        instanceId: '0-0:10.0.106.255',
        memberId: 1,
        data: data.u16(52),
      },
    ],
    [
      'a register in the clear that is only read encrypted',
      {
        request: 'get',
        classId: 1,
        instanceId: '0-0:94.44.34.10',
        memberId: 2,
        data: data.nullData,
      },
    ],
  ])('is refused, correctly MACed though it is: %s', async (_name, item) => {
    const crypto = nodeCryptoForTests();
    const { fleet, pki } = virtualFleet(new MemoryBus(), crypto, 'smuggled', 1);
    await fleet.start();
    const { chf, esme } = entitiesOfHome(1);
    const content = encodeDlmsApdu({
      kind: 'access-request',
      longInvokeIdAndPriority: 0x20000001,
      dateTime: '',
      items: [item],
    });
    const header = {
      craFlag: 'command',
      originatorCounter: 1n,
      originator: supplier,
      recipient: esme,
      otherInformation: { messageCode: ecs45 },
    } as const;
    const inner = withSignature(encodePreCommand(header, content));
    const z = pki.keysOf(acb).sharedSecret(pki.publicKeyOf(esme, 'keyAgreement'));
    fleet.headEnd.sendRaw(chf, withMac(inner, computeMac(crypto, z, inner)));
    expect(fleet.stats().refusals).toEqual({ payloadMalformed: 1 });
    expect((fleet.deviceOf(esme) as Esme).state.supplyState).toBe('enabled');
    await fleet.stop();
  });
});
