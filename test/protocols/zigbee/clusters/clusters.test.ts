import { describe, expect, it } from 'vitest';
import {
  attributeName,
  attributeNamed,
  clusters,
} from '../../../../protocols/zigbee/clusters/clusters.js';
import { metering } from '../../../../protocols/zigbee/clusters/metering.js';
import { otaUpgrade } from '../../../../protocols/zigbee/clusters/ota-upgrade.js';
import { commandNamed } from '../../../../protocols/zigbee/zcl/payload.js';

describe('clusters', () => {
  it('are those of a GB home, each command once', () => {
    const ids = [...clusters.keys()].map((id) => id.toString(16).padStart(4, '0'));
    expect(ids).toEqual([
      '0000',
      '0003',
      '000a',
      '0019',
      '0025',
      '0700',
      '0701',
      '0702',
      '0703',
      '0704',
      '0705',
      '0707',
      '0708',
      '0709',
      '070b',
      '0800',
    ]);
    for (const cluster of clusters.values()) {
      for (const table of [cluster.toServer, cluster.toClient]) {
        const names = Object.values(table).map((command) => command.name);
        expect(new Set(names).size).toBe(names.length);
        for (const id of Object.keys(table)) expect(Number(id)).toBeLessThan(256);
      }
    }
  });

  it('name each attribute once, in range', () => {
    for (const { attributes, clientAttributes = {} } of clusters.values()) {
      for (const table of [attributes, clientAttributes]) {
        const names = Object.values(table).map(([name]) => name);
        expect(new Set(names).size).toBe(names.length);
        for (const id of Object.keys(table)) expect(Number(id)).toBeLessThan(0x10000);
      }
    }
  });

  /** Ends of the computed series, from the attribute tables of Smart Energy. */
  it.each([
    [0x0700, 0x002f, 'Tier48PriceLabel'],
    [0x0700, 0x011e, 'Tier1Block15Threshold'],
    [0x0700, 0x011f, 'Tier1BlockThresholdCount'],
    [0x0700, 0x01ff, 'Tier15BlockThresholdCount'],
    [0x0700, 0x04ff, 'Tier15Block16Price'],
    [0x0700, 0x052f, 'PriceTier48'],
    [0x0700, 0x0852, 'CreditPaymentRef#5'],
    [0x0700, 0x852f, 'ReceivedPriceTier48'],
    [0x0702, 0x0106, 'CurrentTier4SummationDelivered'],
    [0x0702, 0x015f, 'CurrentTier48SummationReceived'],
    [0x0702, 0x042d, 'PreviousDay8ConsumptionReceived'],
    [0x0702, 0x043b, 'PreviousWeek5ConsumptionReceived'],
    [0x0702, 0x045b, 'PreviousMonth13ConsumptionReceived'],
    [0x0702, 0x0703, 'CurrentNoTierBlock4SummationDelivered'],
    [0x0702, 0x07ff, 'CurrentTier15Block16SummationDelivered'],
    [0x0702, 0x0c08, 'CurrentAlternativePartialProfileIntervalValueReceived'],
    [0x0705, 0x0239, 'DebtRecoveryTopUpPercentage#3'],
    [0x0705, 0x0143, 'TopUpCode#5'],
    [0x0705, 0x055b, 'PreviousMonth13CostConsumptionReceived'],
    [0x0702, 0xffff, 'unknown'],
    [0x1234, 0x0000, 'unknown'],
  ])('%i attribute %i is %s', (cluster, id, name) => {
    expect(attributeName(cluster, id)).toBe(name);
  });

  it('find attributes and commands by name', () => {
    expect(attributeNamed(metering, 'InstantaneousDemand')).toBe(0x0400);
    expect(attributeNamed(metering, 'Nothing')).toBeUndefined();
    expect(attributeNamed(otaUpgrade, 'FileOffset', 'client')).toBe(1);
    expect(attributeNamed(otaUpgrade, 'FileOffset')).toBeUndefined();
    expect(attributeName(0x0702, 3, 'client')).toBe('NotificationFlags4');
    expect(attributeName(0x000a, 0, 'client')).toBe('unknown');
    expect(commandNamed(metering, 0x09, 'PublishSnapshot')).toBe(0x06);
    expect(commandNamed(metering, 0x01, 'PublishSnapshot')).toBeUndefined();
  });
});
