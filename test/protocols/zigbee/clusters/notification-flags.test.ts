import { describe, expect, it } from 'vitest';
import { attributeName } from '../../../../protocols/zigbee/clusters/clusters.js';
import { metering } from '../../../../protocols/zigbee/clusters/metering.js';
import {
  functionalNotificationFlags,
  notificationFlagNames,
  notificationFlags4,
  notificationFlagTables,
  notificationSchemes,
} from '../../../../protocols/zigbee/clusters/notification-flags.js';

describe('notification flags', () => {
  it('do not overlap', () => {
    for (const table of notificationFlagTables) {
      let taken = 0;
      for (const mask of Object.values(table)) {
        expect(taken & mask).toBe(0);
        taken |= mask;
      }
    }
  });

  it('have the bits that a gas meter looks for', () => {
    expect(functionalNotificationFlags.newOtaFirmware).toBe(2 ** 0);
    expect(functionalNotificationFlags.networkKeyActive).toBe(2 ** 15);
    expect(functionalNotificationFlags.tunnelMessagePending).toBe(2 ** 21);
    expect(functionalNotificationFlags.getSnapshot).toBe(2 ** 22);
    expect(functionalNotificationFlags.getSampledData).toBe(2 ** 23);
    expect(notificationFlags4.getPrepaySnapshot).toBe(2 ** 6);
    expect(notificationFlags4.getTopUpLog).toBe(2 ** 7);
    expect(notificationFlags4.getDebtRepaymentLog).toBe(2 ** 9);
  });

  it('have a client attribute of Metering for each table, which the schemes name', () => {
    for (const attributeId of notificationFlagTables.keys()) {
      expect(attributeName(metering.id, attributeId, 'client')).toMatch(/NotificationFlags/);
    }
    expect(notificationSchemes.predefinedB.attributeIds).toEqual([
      ...notificationFlagTables.keys(),
    ]);
  });

  it('are named from the wire', () => {
    expect(notificationFlagNames(0, 0x0020_0041)).toEqual([
      'newOtaFirmware',
      'pushHistoricalMeteringDataAttributeSet',
      'tunnelMessagePending',
    ]);
    expect(notificationFlagNames(3, 0x40)).toEqual(['getPrepaySnapshot']);
    expect(notificationFlagNames(7, 0xffff_ffff)).toEqual([]);
  });
});
