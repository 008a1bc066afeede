import { metering } from '../../protocols/zigbee/clusters/metering.js';
import {
  functionalNotificationFlags,
  notificationSchemes,
} from '../../protocols/zigbee/clusters/notification-flags.js';
import { zclFrameControlBits, zclFrameControls } from '../../protocols/zigbee/zcl/frame.js';
import { commandNumber } from './cluster-rows.js';

/** Commands of Metering between a sleepy meter and the mirror that stands in for it. */
export const meterCommandIds = {
  requestMirror: commandNumber(metering, 'client', 'RequestMirror'),
  removeMirror: commandNumber(metering, 'client', 'RemoveMirror'),
  configureMirror: commandNumber(metering, 'client', 'ConfigureMirror'),
  getNotifiedMessage: commandNumber(metering, 'client', 'GetNotifiedMessage'),
  publishSnapshot: commandNumber(metering, 'client', 'PublishSnapshot'),
  getSampledDataResponse: commandNumber(metering, 'client', 'GetSampledDataResponse'),
} as const;

export const mirrorCommandIds = {
  requestMirrorResponse: commandNumber(metering, 'server', 'RequestMirrorResponse'),
  mirrorRemoved: commandNumber(metering, 'server', 'MirrorRemoved'),
  mirrorReportAttributeResponse: commandNumber(metering, 'server', 'MirrorReportAttributeResponse'),
  getSnapshot: commandNumber(metering, 'server', 'GetSnapshot'),
  getSampledData: commandNumber(metering, 'server', 'GetSampledData'),
} as const;

/** In RequestMirrorResponse: there is no room for a mirror. */
export const noMirrorEndpoint = 0xffff;

/** Bit of PhysicalEnvironment (Basic) by which a hub says that it has room for a mirror. */
export const mirrorCapacity = 0x01;

/** Whom GB smart metering flags: predefined, so no flag attributes are configured one by one. */
export const notificationScheme = notificationSchemes.predefinedB;

/** Attribute numbers of the flag words, in their order in scheme B. */
export const flagWords = { functional: 0, prepayment: 3 } as const;

/** Shifts of the flags that are numbers rather than bits. */
export const historySetShifts = { metering: 6, prepayment: 9 } as const;
export const historySetMask = 0x07;

/** Flags on which a gas meter acts; it ignores all others (device-behaviour.md 3.4). */
export const gasMeterFlags = functionalNotificationFlags;

const { disableDefaultResponse } = zclFrameControlBits;
export const mirrorFrameControls = {
  /** A meter's command that wants a default response where it has no other answer. */
  fromMeter: zclFrameControls.clusterToClient,
  fromMeterQuietly: zclFrameControls.clusterToClientWithoutDefaultResponse,
  toMeter: zclFrameControls.clusterToServer,
  toMeterQuietly: zclFrameControls.clusterToServer | disableDefaultResponse,
  /** A default response to a command of the meter. */
  defaultResponseToMeter: zclFrameControls.generalToServer | disableDefaultResponse,
} as const;

/** Sample series that every gas meter keeps: its half hours. */
export const profileSamples = { sampleId: 0, sampleType: 0, intervalSeconds: 1800 } as const;

/** A sample that is not known. */
export const sampleNotKnown = 0xff_ffff;
