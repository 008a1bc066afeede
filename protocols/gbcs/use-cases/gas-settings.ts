import { z } from 'zod';
import { deviceManagement } from '../../zigbee/clusters/device-management.js';
import { messaging } from '../../zigbee/clusters/messaging.js';
import { metering } from '../../zigbee/clusters/metering.js';
import type { Conversion } from './conversions.js';
import { command, immediately, issued, issuerEventId, providerId } from './gbz-template.js';
import {
  activation,
  alertCode,
  byDefault,
  decimal,
  digits,
  flag,
  integer,
  list,
  object,
  text,
  time,
  word,
} from './parameters.js';
import { request } from './request.js';
import { choice, countOf, forEach, packed, place } from './template.js';

/** Supply, texts, identities and behaviours of a gas meter. */

/** What ChangeSupply proposes; the bits ask for an answer (device-behaviour.md 4.4). */
const supplyStates = { off: 0, armed: 1 } as const;
const acknowledgementRequired = 0x01;

function changeSupply(messageCode: number, proposed: keyof typeof supplyStates) {
  return request(messageCode, {
    gbz: [
      command(metering, 'ChangeSupply', {
        ...issued,
        requestDateTime: immediately,
        implementationDateTime: immediately,
        proposedSupplyStatus: supplyStates[proposed],
        supplyControlBits: acknowledgementRequired,
      }),
    ],
  });
}

const tamperStates = [
  ['locked', 0],
  ['unchanged', 3],
] as const;
const unchanged = 3;

function uncontrolledFlow(messageCode: number, divisor: number, as: Conversion) {
  const whole = divisor === 1;
  const threshold = 'flow in m³/h above which gas is taken to escape';
  const state = (what: string) =>
    byDefault(word(['locked', 'unchanged'], `supply after ${what}`), 'unchanged');
  return request(
    messageCode,
    {
      gbz: [
        command(metering, 'SetUncontrolledFlowThreshold', {
          ...issued,
          uncontrolledFlowThreshold: place('threshold', as),
          unitOfMeasure: 1,
          multiplier: 1,
          divisor,
          stabilisationPeriod: place('stabilisationPeriod'),
          measurementPeriod: place('measurementPeriod'),
        }),
        command(metering, 'SetSupplyStatus', {
          issuerEventId,
          supplyTamperState: choice('supplyTamperState', tamperStates),
          supplyDepletionState: choice('supplyDepletionState', tamperStates),
          supplyUncontrolledFlowState: 0,
          loadLimitSupplyState: unchanged,
        }),
      ],
    },
    z.strictObject({
      threshold: whole ? integer(0, 0xffff, threshold) : decimal(0, 6.5535, 4, threshold),
      stabilisationPeriod: integer(0, 0xff, 'wait before measuring, in the unit of the wire'),
      measurementPeriod: integer(0, 0xffff, 'length of the measurement in seconds'),
      supplyTamperState: state('tampering'),
      supplyDepletionState: state('loss of power'),
    }),
  );
}

const onOff = (name: string, on = 1) =>
  choice(name, [
    [false, 0],
    [true, on],
  ]);

/** Bits of an event's configuration: logging takes two. */
const eventConfiguration = packed(
  [1, 0],
  [1, onOff('alarm')],
  [1, 0],
  [1, onOff('han')],
  [1, onOff('wan')],
  [1, 0],
  [2, onOff('log', 3)],
);

const tenancyChange = 0x0200;
const supplierChange = 0x1800;
/** The privacy PIN, as a type of password. */
const privacyPin = 2;
const untilReplaced = 0xffff;

export const gasSettings = {
  GCS07: request(
    0x0071,
    {
      gbz: [
        command(messaging, 'DisplayMessage', {
          messageId: issuerEventId,
          messageControl: 0,
          startTime: place('executionDateTime', 'zclTime'),
          durationMinutes: untilReplaced,
          message: place('message'),
        }),
      ],
    },
    z.strictObject({
      message: text(0, 116, 'text to display'),
      executionDateTime: activation('when to display it'),
    }),
  ),
  GCS09: request(
    0x0072,
    {
      gbz: [
        command(deviceManagement, 'PublishChangeOfTenancy', {
          ...issued,
          tariffType: 0,
          implementationDateTime: place('date', 'secondsSince2000'),
          proposedTenancyChangeControl: tenancyChange,
        }),
      ],
    },
    z.strictObject({ date: time('change of tenancy: what is older is no longer shown') }),
  ),
  GCS11: request(0x0073, {
    gbz: [
      command(deviceManagement, 'RequestNewPasswordResponse', {
        issuerEventId,
        implementationDateTime: immediately,
        durationMinutes: 0,
        passwordType: privacyPin,
        password: '',
      }),
    ],
  }),
  GCS20: request(
    0x00ad,
    {
      gbz: [
        forEach(
          'behaviours',
          command(deviceManagement, 'SetEventConfiguration', {
            issuerEventId,
            startDateTime: immediately,
            eventConfiguration,
            configurationControl: 0,
            appliesTo: {
              numberOfEvents: countOf('alertCodes'),
              eventIds: [forEach('alertCodes', place('$value', 'alertCode'))],
            },
          }),
        ),
      ],
    },
    z.strictObject({
      behaviours: list(
        object(
          {
            alertCodes: list(alertCode('event'), 1, 0xff, 'events that behave so'),
            wan: flag('an alert goes to the supplier'),
            han: flag('devices of the home are told'),
            alarm: flag('the meter sounds'),
            log: flag('it is logged'),
          },
          'what several events do',
        ),
        1,
        0xff,
        'groups of events',
      ),
    }),
  ),
  GCS24: uncontrolledFlow(0x007d, 1, 'same'),
  GCS24a: uncontrolledFlow(0x00fc, 10_000, 'tenThousandths'),
  GCS28: request(
    0x007f,
    {
      asn1: {
        validityIntervalStart: place('from', 'generalizedTime'),
        validityIntervalEnd: place('to', 'generalizedTime'),
      },
    },
    z.strictObject({
      from: time('start of the interval in which the hub’s time is accepted'),
      to: time('end of that interval'),
    }),
  ),
  GCS32: changeSupply(0x0081, 'off'),
  GCS36: request(
    0x0083,
    {
      gbz: [
        command(deviceManagement, 'UpdateCIN', {
          issuerEventId,
          cinImplementationTime: immediately,
          providerId,
          customerIdNumber: place('number'),
        }),
      ],
    },
    z.strictObject({ number: digits(4, 4, 'customer identification number to display') }),
  ),
  GCS39: changeSupply(0x0085, 'armed'),
  GCS41: request(
    0x0087,
    {
      gbz: [
        command(deviceManagement, 'UpdateSiteId', {
          issuerEventId,
          siteIdTime: immediately,
          providerId,
          siteId: place('mprn'),
        }),
      ],
    },
    z.strictObject({ mprn: digits(1, 32, 'meter point reference number') }),
  ),
  GCS44: request(
    0x0088,
    {
      gbz: [
        command(deviceManagement, 'PublishChangeOfSupplier', {
          currentProviderId: providerId,
          issuerEventId,
          tariffType: 0,
          proposedProviderId: providerId,
          providerChangeImplementationTime: immediately,
          providerChangeControl: supplierChange,
          proposedProviderName: place('name'),
          proposedProviderContactDetails: place('phone'),
        }),
      ],
    },
    z.strictObject({
      name: text(0, 255, 'name of the supplier'),
      phone: text(0, 255, 'telephone number of the supplier'),
    }),
  ),
} as const;
