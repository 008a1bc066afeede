import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** The package as its users import it: by name, from the build. */
function run(code: string): string {
  return execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
}

describe.skipIf(!existsSync('dist/protocols/gbcs/decoded-message.js'))('package exports', () => {
  it('decodes and encodes a message synchronously', () => {
    // Worked example E1 of the published test data.
    const hex =
      'dd000000000000471100000000df090100000000000003e80890b3d51f300100000800db1234567890a00002005213d9200003e80001010046000060030aff0301000052e8965230e91ee41782ce42';
    const printed = run(`
      import { decodeMessage, encodeMessage } from 'hubfleet/protocols/gbcs';
      const message = decodeMessage(Uint8Array.from(Buffer.from('${hex}', 'hex')));
      const { messageCode, useCase, craFlag, originator, recipient, originatorCounter } = message;
      const same = Buffer.from(encodeMessage(JSON.parse(JSON.stringify(message)))).toString('hex');
      console.log(JSON.stringify({ messageCode, useCase, craFlag, originator, recipient, originatorCounter, same }));
    `);
    expect(JSON.parse(printed)).toEqual({
      messageCode: '0x0052',
      useCase: 'ECS45',
      craFlag: 'command',
      originator: '90b3d51f30010000',
      recipient: '00db1234567890a0',
      originatorCounter: '1000',
      same: hex,
    });
  });

  it('offers every protocol module, and the fleet', () => {
    const names = ['gbcs', 'dlms', 'asn1', 'zigbee', 'bus', 'smki', 'crypto', 'gbcs/message'];
    const printed = run(`
      const names = ${JSON.stringify(names)};
      for (const name of names) console.log(Object.keys(await import('hubfleet/protocols/' + name)).length > 0);
      console.log(typeof (await import('hubfleet')).startFleet);
    `);
    expect(printed.trim().split('\n')).toEqual([...names.map(() => 'true'), 'function']);
  });
});
