import { describe, it } from 'vitest';
import { EmbeddedBroker } from '../../../emulator/adapters/embedded-broker.js';
import { MqttBus } from '../../../emulator/adapters/mqtt-bus.js';
import type { Bus } from '../../../emulator/ports/bus.js';
import { MemoryBus } from '../../../emulator/sim/memory-bus.js';
import { mosquittoAvailable, startMosquitto } from '../../support/mosquitto.js';
import { busSuite, type SuiteOptions } from './bus-suite.js';

/** Sockets are slower; the full storm is for what happens inside one process. */
const overSockets: SuiteOptions = { stormLength: 10_000, throws: 1_000 };

busSuite('memory', async () => {
  const bus = new MemoryBus();
  return { publisher: async () => bus, subscriber: async () => bus, stop: () => bus.close() };
});

/** Both ends of an embedded broker, each inside its process or on the network. */
function embedded(
  publisher: 'inside' | 'network',
  subscriber: 'inside' | 'network',
  options: SuiteOptions = {},
) {
  busSuite(
    `an embedded broker, ${publisher} to ${subscriber}`,
    async () => {
      const broker = await EmbeddedBroker.start({ port: 0 });
      const opened: Bus[] = [];
      const open = async (place: 'inside' | 'network') => {
        const bus = place === 'inside' ? broker.bus() : await MqttBus.connect({ url: broker.url });
        opened.push(bus);
        return bus;
      };
      return {
        publisher: () => open(publisher),
        subscriber: () => open(subscriber),
        stop: async () => {
          for (const bus of opened) await bus.close();
          await broker.close();
        },
      };
    },
    options,
  );
}

embedded('inside', 'inside');
embedded('inside', 'network', overSockets);
embedded('network', 'inside', overSockets);
embedded('network', 'network', overSockets);

if (mosquittoAvailable) {
  busSuite(
    'mosquitto',
    async () => {
      const server = await startMosquitto();
      const opened: MqttBus[] = [];
      const open = async () => {
        const bus = await MqttBus.connect({ url: server.url });
        opened.push(bus);
        return bus;
      };
      return {
        publisher: open,
        subscriber: open,
        stop: async () => {
          for (const bus of opened) await bus.close();
          await server.stop();
        },
      };
    },
    { ...overSockets, atLeastOnce: true },
  );
} else {
  describe('Bus over mosquitto', () => {
    it.skip('all cases: the Debian package mosquitto is not installed', () => undefined);
  });
}
