import { beforeAll, describe, expect, it } from 'vitest';
import type { Chf } from '../../../emulator/devices/chf/device.js';
import type { Esme } from '../../../emulator/devices/esme/device.js';
import type { Gsme } from '../../../emulator/devices/gsme/device.js';
import { MemoryBus } from '../../../emulator/sim/memory-bus.js';
import { toHex } from '../../../protocols/codec/hex.js';
import { decodeGbcsMessage } from '../../../protocols/gbcs/message.js';
import {
  deviceTimeOf,
  setGasRegistersFrom,
  setRegistersFrom,
} from '../../support/registers-from-response.js';
import {
  loadRtdsIndex,
  type RtdsEntry,
  readRtdsMessage,
  rtdsAvailable,
} from '../../support/rtds.js';
import { rtdsEntities, rtdsFleet } from '../../support/rtds-fleet.js';

/** Every official exchange with the ESME whose use case this meter implements, and whose response is in the data. */
const esmeUseCases =
  /_(ECS17b|ECS17c|ECS23|ECS26c|ECS40|ECS42|ECS43|ECS44|ECS45|ECS50|ECS52|ECS70|CS02aMAC)\//;

function pairs(device: string, useCases: RegExp): [RtdsEntry, RtdsEntry][] {
  const index = loadRtdsIndex();
  return index.flatMap((command): [RtdsEntry, RtdsEntry][] => {
    if (command.role !== 'command' || command.recipient !== device) return [];
    if (!useCases.test(command.file)) return [];
    const response = index.find((e) => e.role === 'response' && e.group === command.group);
    return response === undefined ? [] : [[command, response]];
  });
}

describe.skipIf(!rtdsAvailable)('official commands through the bus, the hub and the air', () => {
  let home: Awaited<ReturnType<typeof rtdsFleet>>;
  beforeAll(async () => {
    home = await rtdsFleet(new MemoryBus());
  });

  function z(party: string, device: string): Uint8Array {
    const own = home.ring.privateKey(party, 'keyAgreement') as Uint8Array;
    return home.crypto.sharedSecret(own, home.ring.publicKey(device, 'keyAgreement') as Uint8Array);
  }

  /** Byte-identical when MACed; identical up to the signature, which must verify, when signed. */
  function expectSame(answer: Uint8Array, official: Uint8Array, file: string): void {
    const message = decodeGbcsMessage(answer);
    if (!(message.signature instanceof Uint8Array)) {
      expect(toHex(answer), file).toBe(toHex(official));
      return;
    }
    const unsigned = answer.length - 64;
    expect(toHex(answer.subarray(0, unsigned)), file).toBe(toHex(official.subarray(0, unsigned)));
    expect(official.length).toBe(answer.length);
    const key = home.signingKey(message.header.originator);
    expect(home.crypto.verify(key, message.signedBytes, message.signature), file).toBe(true);
  }

  it('ESME answers as the official responses say', async () => {
    const exchanges = pairs(rtdsEntities.esme, esmeUseCases).sort(
      ([a], [b]) => a.counter - b.counter,
    );
    const seen = new Map<string, number>();
    for (const [command, response] of exchanges) {
      // A meter of its own for each: official files reuse counters.
      home = await rtdsFleet(new MemoryBus());
      const esme = home.fleet.deviceOf(rtdsEntities.esme) as Esme;
      const [asked, official] = [readRtdsMessage(command), readRtdsMessage(response)];
      if (command.payload === 'dlms-access-request') {
        const secret = z(command.originator, rtdsEntities.esme);
        setRegistersFrom(esme.state.cosem, asked, official, home.crypto, secret);
      }
      // The official meter has executed a command of the network operator before.
      esme.state.counters.setExecuted('networkOperator', 0, 1n);
      const answers = await home.exchange(asked);
      expect(answers, command.file).toHaveLength(1);
      expectSame(answers[0] as Uint8Array, official, command.file);
      const useCase = /_(C?E?C?S\w+)\//.exec(command.file)?.[1] ?? command.file;
      seen.set(useCase, (seen.get(useCase) ?? 0) + 1);
    }
    expect(Object.fromEntries(seen)).toEqual({
      CS02aMAC: 1,
      ECS17b: 2,
      ECS17c: 2,
      ECS23: 1,
      ECS26c: 1,
      ECS40: 2,
      ECS42: 1,
      ECS43: 1,
      ECS44: 1,
      ECS45: 1,
      ECS50: 1,
      ECS52: 2,
      ECS70: 2,
    });
  });

  it('CHF answers for itself', async () => {
    home = await rtdsFleet(new MemoryBus());
    const exchanges = pairs(rtdsEntities.chf, /_CS02aSignature\//);
    expect(exchanges).toHaveLength(1);
    for (const [command, response] of exchanges) {
      const [answer] = await home.exchange(readRtdsMessage(command));
      expectSame(answer as Uint8Array, readRtdsMessage(response), command.file);
    }
  });

  it('GSME answers as the official responses say', async () => {
    for (const [command, response] of pairs(rtdsEntities.gsme, /_(GCS28|GCS32|GCS33|GCS38)\//)) {
      const official = readRtdsMessage(response);
      const startMs = command.file.includes('GCS28') ? deviceTimeOf(official) : undefined;
      home = await rtdsFleet(new MemoryBus(), startMs);
      const gsme = home.fleet.deviceOf(rtdsEntities.gsme) as Gsme;
      setGasRegistersFrom(gsme.state.zcl, official);
      const [answer] = await home.exchangeAwake(readRtdsMessage(command));
      expectSame(answer as Uint8Array, official, command.file);
    }
  });

  it('routes by recipient, and reports what it cannot deliver', async () => {
    home = await rtdsFleet(new MemoryBus());
    const [command] = pairs(rtdsEntities.esme, /_ECS45\//)[0] as [RtdsEntry, RtdsEntry];
    const stranger = readRtdsMessage(command).slice();
    stranger[8 + 5 + 28] = 0xee;
    expect(await home.exchange(stranger)).toEqual([]);
    expect(home.events.at(-1)).toMatchObject({
      device: rtdsEntities.chf,
      name: 'message-undeliverable',
      detail: { entity: '00db1234567890ee', reason: 'not-in-device-log' },
    });
    const chf = home.fleet.deviceOf(rtdsEntities.chf) as Chf;
    expect(chf.describe()).toMatchObject({ undeliverable: 1, routedDown: 0 });
  });
});
