import { describe, expect, it } from 'vitest';
import {
  GasHubTunnel,
  GasMeterTunnel,
  gasQueueLengthMax,
  gasQueueLifetimeMs,
} from '../../../emulator/han/gas-tunnel.js';
import { Tunnel, type TunnelState } from '../../../emulator/han/tunnel.js';
import { toHex } from '../../../protocols/codec/hex.js';
import { bytesOf } from '../../support/codec-table.js';
import { euis } from '../../support/joined-home.js';
import { type MessageHome, messageHome } from '../../support/message-home.js';

function pair(home: MessageHome, open: boolean) {
  const { chf, esme } = home.entities;
  const client = new Tunnel({
    entity: chf,
    peer: euis.esme,
    role: 'client',
    open,
    ...(open ? { tunnelId: 7 } : {}),
  });
  const server = new Tunnel({ entity: esme, peer: euis.chf, role: 'server', tunnelId: 7, open });
  return { client, server };
}

function gasPair(home: MessageHome) {
  const { chf, gsme } = home.entities;
  const hub = new Tunnel({ entity: chf, peer: euis.gsme, role: 'server', tunnelId: 9, open: true });
  const meter = new Tunnel({
    entity: gsme,
    peer: euis.chf,
    role: 'client',
    tunnelId: 9,
    open: true,
  });
  const clock = { nowMs: 0 };
  const hubEnd = new GasHubTunnel(hub, () => clock.nowMs);
  return { hub: hubEnd, meter: new GasMeterTunnel(meter), clock };
}

function collect(tunnel: { onMessage: (message: Uint8Array) => void }): string[] {
  const messages: string[] = [];
  tunnel.onMessage = (message) => messages.push(toHex(message));
  return messages;
}

const command = bytesOf('dd000000000000');
const response = bytesOf('df09020000');

describe('a tunnel between hub and a device whose radio is on', () => {
  it('carries bare messages, client to server and back', () => {
    const home = messageHome();
    const { client, server } = pair(home, true);
    const atServer = collect(server);
    const atClient = collect(client);
    expect(client.send(command)).toBe('sent');
    expect(server.send(response)).toBe('sent');
    expect(atServer).toEqual([toHex(command)]);
    expect(atClient).toEqual([toHex(response)]);
    expect(home.sent).toEqual([`1100020700${toHex(command)}`, `1900010700${toHex(response)}`]);
  });

  it('opens by request, with the terms of Great Britain', () => {
    const home = messageHome();
    const { client, server } = pair(home, false);
    const states: [string, TunnelState][] = [];
    client.onState = (state) => states.push(['client', state]);
    server.onState = (state) => states.push(['server', state]);
    const atServer = collect(server);
    expect(client.send(command)).toBe('closed');
    expect(client.request()).toBe('sent');
    expect(states).toEqual([
      ['client', 'requested'],
      ['server', 'open'],
      ['client', 'open'],
    ]);
    expect(home.sent).toEqual(['11000006ffff00dc05', '190000070000dc05']);
    expect(client.send(command)).toBe('sent');
    expect(atServer).toEqual([toHex(command)]);
  });

  it('is refused for another protocol or with flow control', () => {
    const home = messageHome();
    const { server } = pair(home, false);
    home.entities.chf.sendZcl(euis.esme, 0x0704, bytesOf('110000 00 ffff 00 dc05'));
    home.entities.chf.sendZcl(euis.esme, 0x0704, bytesOf('110100 06 ffff 01 dc05'));
    expect(server.state).toBe('closed');
    expect([home.sent[1], home.sent[3]]).toEqual(['190000ffff03dc05', '190100ffff04dc05']);
  });

  it('tells the client why it was refused', () => {
    const home = messageHome();
    const client = new Tunnel({ entity: home.entities.chf, peer: euis.esme, role: 'client' });
    home.entities.esme.onZcl = () => {
      home.entities.esme.sendZcl(euis.chf, 0x0704, bytesOf('190000 ffff 01 dc05'));
    };
    client.request();
    expect(client.state).toBe('closed');
    expect(client.lastStatus).toBe(1);
  });

  it('closes on both ends', () => {
    for (const closer of ['client', 'server'] as const) {
      const home = messageHome();
      const ends = pair(home, true);
      ends[closer].close();
      expect([ends.client.state, ends.server.state]).toEqual(['closed', 'closed']);
      expect(home.sent[0]).toBe(closer === 'client' ? '1100010700' : '1900060700');
    }
  });

  it('is rebuilt by the client when the server has forgotten it', () => {
    const home = messageHome();
    const { client, server } = pair(home, true);
    const atServer = collect(server);
    // A server that restarts has no tunnel open, while the client still believes in it.
    server.dispose();
    const restarted = new Tunnel({
      entity: home.entities.esme,
      peer: euis.chf,
      role: 'server',
      tunnelId: 8,
    });
    const atRestarted = collect(restarted);
    expect(client.send(command)).toBe('sent');
    expect(restarted.dropped.noSuchTunnel).toBe(1);
    expect([client.state, restarted.state]).toEqual(['open', 'open']);
    client.send(command);
    expect(atServer).toEqual([]);
    expect(atRestarted).toEqual([toHex(command)]);
  });

  it('respects the longest transfer the peer announced', () => {
    const home = messageHome();
    const { client, server } = pair(home, true);
    home.entities.chf.sendZcl(euis.esme, 0x0704, bytesOf('110000 06 ffff 00 6400'));
    expect(server.send(new Uint8Array(101))).toBe('too-long');
    expect(server.send(new Uint8Array(100))).toBe('sent');
    expect(client.send(new Uint8Array(1500))).toBe('sent');
    expect(client.send(new Uint8Array(1501))).toBe('too-long');
  });

  it.each([
    ['malformed', '11'],
    ['malformed', '110002'],
    ['malformed', '110000 06 ffff 00'],
    ['wrongDirection', '190001 0700 dd'],
    ['unknownCommand', '110004 0700 0000'],
    ['unknownCommand', '100000'],
    ['unknownCommand', '15 3412 0002 0700'],
    ['noSuchTunnel', '110002 0800 dd'],
  ] as const)('drops and counts: %s %s', (reason, wire) => {
    const home = messageHome();
    const { server } = pair(home, true);
    const messages = collect(server);
    home.entities.chf.sendZcl(euis.esme, 0x0704, bytesOf(wire));
    expect(messages).toEqual([]);
    expect(server.dropped[reason]).toBe(1);
  });

  it('keeps the tunnels of a hub apart by their peers', () => {
    const home = messageHome();
    const { chf, ppmid } = home.entities;
    const { server } = pair(home, true);
    const hubEnd = new Tunnel({
      entity: chf,
      peer: euis.ppmid,
      role: 'client',
      tunnelId: 7,
      open: true,
    });
    const deviceEnd = new Tunnel({
      entity: ppmid,
      peer: euis.chf,
      role: 'server',
      tunnelId: 7,
      open: true,
    });
    const [atEsme, atPpmid, atHub] = [collect(server), collect(deviceEnd), collect(hubEnd)];
    hubEnd.send(command);
    deviceEnd.send(response);
    expect([atEsme, atPpmid, atHub]).toEqual([[], [toHex(command)], [toHex(response)]]);
  });
});

describe('a tunnel between hub and gas meter', () => {
  it('puts the GET-RESPONSE and PUT headers in front', () => {
    const home = messageHome();
    const { hub, meter } = gasPair(home);
    const [atHub, atMeter] = [collect(hub), collect(meter)];
    expect(hub.send(command)).toBe('queued');
    meter.fetch();
    expect(meter.send(response)).toBe('sent');
    expect(atMeter).toEqual([toHex(command)]);
    expect(atHub).toEqual([toHex(response)]);
    expect(home.sent).toEqual([
      '110002090001',
      `19000109000200${toHex(command)}`,
      `110102090003${toHex(response)}`,
    ]);
  });

  it('keeps messages while the meter sleeps and hands them over one by one as it asks', () => {
    const home = messageHome();
    const { hub, meter } = gasPair(home);
    const atMeter = collect(meter);
    for (const octet of [1, 2, 3]) expect(hub.send(Uint8Array.of(0xdd, octet))).toBe('queued');
    expect(hub.pending).toBe(3);
    expect(home.sent).toEqual([]);
    meter.fetch();
    expect(atMeter).toEqual(['dd01', 'dd02', 'dd03']);
    expect(hub.pending).toBe(0);
    meter.fetch();
    expect(home.sent.at(-1)).toMatch(/^19..0109000200$/);
    expect(atMeter).toHaveLength(3);
  });

  it('gives up what the meter did not ask for in a day, and says so', () => {
    const home = messageHome();
    const { hub, meter, clock } = gasPair(home);
    const atMeter = collect(meter);
    const [expired, pending]: [string[], number[]] = [[], []];
    hub.onExpired = (message) => expired.push(toHex(message));
    hub.onPending = (count) => pending.push(count);
    hub.send(Uint8Array.of(1));
    clock.nowMs += gasQueueLifetimeMs - 1;
    hub.send(Uint8Array.of(2));
    clock.nowMs += 2;
    meter.fetch();
    expect([expired, atMeter]).toEqual([['01'], ['02']]);
    clock.nowMs += 2 * gasQueueLifetimeMs;
    hub.send(Uint8Array.of(3));
    clock.nowMs += 2 * gasQueueLifetimeMs;
    meter.fetch();
    expect(expired).toEqual(['01', '03']);
    expect(pending).toEqual([1, 2, 1, 0, 1, 0]);
  });

  it('keeps what it cannot hand over when the meter asks', () => {
    const home = messageHome();
    const { hub, meter } = gasPair(home);
    const atMeter = collect(meter);
    hub.send(command);
    const { chf } = home.entities;
    const send = chf.sendZcl;
    chf.sendZcl = () => 'queue-full';
    meter.fetch();
    expect([hub.pending, atMeter]).toEqual([1, []]);
    chf.sendZcl = send;
    meter.fetch();
    expect([hub.pending, atMeter]).toEqual([0, [toHex(command)]]);
  });

  it('bounds its queue and refuses what no transfer can carry', () => {
    const { hub } = gasPair(messageHome());
    for (let i = 0; i < gasQueueLengthMax; i++) expect(hub.send(command)).toBe('queued');
    expect(hub.send(command)).toBe('queue-full');
    expect(hub.send(new Uint8Array(1499))).toBe('too-long');
  });

  it('counts data whose header is not its own', () => {
    const home = messageHome();
    const { hub, meter } = gasPair(home);
    home.entities.gsme.sendZcl(euis.chf, 0x0704, bytesOf('110002 0900 0200dd'));
    home.entities.gsme.sendZcl(euis.chf, 0x0704, bytesOf('110002 0900 dd'));
    home.entities.chf.sendZcl(euis.gsme, 0x0704, bytesOf('190001 0900 03dd'));
    expect([hub.malformed, meter.malformed]).toEqual([2, 1]);
  });
});
