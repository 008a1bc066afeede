import { DeviceCounters } from '../../../emulator/functions/counters.js';
import { GbcsEndpoint } from '../../../emulator/functions/gbcs-endpoint.js';
import type { PayloadProcessor } from '../../../emulator/functions/payload-processor.js';
import type { TestPki } from '../../../emulator/functions/test-pki.js';
import { TrustAnchorCells } from '../../../emulator/functions/trust-anchor-cells.js';
import { MemoryStore } from '../../../emulator/sim/memory-store.js';
import type { Eui64 } from '../../../protocols/codec/eui64.js';
import type { Crypto } from '../../../protocols/crypto/crypto.js';
import { decodeDlmsApdu, encodeDlmsApdu } from '../../../protocols/dlms/apdu.js';
import type { AccessRequest, AccessResponseItem } from '../../../protocols/dlms/apdu-types.js';

/** Answers every item of an access-request with success and, to a get, with the number of its class. */
const agreeable: PayloadProcessor = {
  supports: () => true,
  execute(content) {
    const request = decodeDlmsApdu(content) as AccessRequest;
    const items = request.items.map((item): AccessResponseItem => {
      const response = item.request === 'action' || item.request === 'set' ? item.request : 'get';
      const data =
        response === 'get'
          ? ({ type: 'long-unsigned', value: item.classId } as const)
          : ({ type: 'null-data' } as const);
      return { response, result: 0, resultName: 'success', data };
    });
    const { longInvokeIdAndPriority } = request;
    const response = { kind: 'access-response', longInvokeIdAndPriority, dateTime: '', items };
    return { content: encodeDlmsApdu(response as never), results: [] };
  },
};

/** The GBCS end of an ESME whose payloads mean nothing. */
export function echoDevice(
  entity: Eui64,
  pki: TestPki,
  crypto: Crypto,
  nowMs: () => number,
): GbcsEndpoint {
  const anchors = new TrustAnchorCells(pki.trustAnchors());
  return new GbcsEndpoint({
    entity,
    type: 'esme',
    crypto,
    keys: pki.keysOf(entity),
    counters: new DeviceCounters(new MemoryStore(), entity, 'perRoleAndMessageCode'),
    trustAnchors: () => anchors,
    processors: { dlms: agreeable },
    nowMs,
    publicKeyOfCertificate: () => {
      throw new Error('no certificate in these tests');
    },
  });
}
