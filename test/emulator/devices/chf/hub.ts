import { Chf, type ChfParts } from '../../../../emulator/devices/chf/device.js';
import type { DeviceParts } from '../../../../emulator/devices/device-parts.js';
import type { RestoredNetwork } from '../../../../emulator/functions/device-log.js';
import type { SubGhzRadio } from '../../../../emulator/functions/sub-ghz-radio.js';
import type { Eui64 } from '../../../../protocols/codec/eui64.js';
import { TestHome } from '../../../support/test-home.js';

export interface TestHub {
  readonly home: TestHome;
  readonly chf: Chf;
  /** Networks that CCS03 brought. */
  readonly restored: RestoredNetwork[];
  /** Messages that the hub handed to devices. */
  readonly delivered: { readonly to: Eui64; readonly message: Uint8Array }[];
  /** Everything that went up the WAN since the last call. */
  sent(): Uint8Array[];
}

/** A hub alone in its home, over parts that `partsOf` makes for its host. */
export function testHub(
  entity: Eui64,
  startMs: number,
  partsOf: (host: ReturnType<TestHome['host']>) => DeviceParts,
  more: Partial<Pick<ChfParts, 'deviceLog' | 'gpf' | 'store' | 'historicKeyRule' | 'subGhz'>> = {},
  radio?: SubGhzRadio,
): TestHub {
  const home = new TestHome(startMs);
  const host = home.host(entity);
  const restored: RestoredNetwork[] = [];
  const delivered: { to: Eui64; message: Uint8Array }[] = [];
  const hubHost: ChfParts['host'] = {
    ...host,
    deliver: (to, message) => {
      delivered.push({ to, message });
      return 'sent';
    },
    restoreNetwork: (network) => restored.push(network),
    subGhz: radio,
  };
  const chf = home.attach(new Chf({ ...partsOf(host), host: hubHost, deviceLog: [], ...more }));
  let taken = 0;
  const sent = (): Uint8Array[] => {
    const since = home.messages.slice(taken).map(({ message }) => message);
    taken = home.messages.length;
    return since;
  };
  return { home, chf, restored, delivered, sent };
}
