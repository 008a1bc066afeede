import { z } from 'zod';
import { keyUsages } from '../roles.js';
import {
  byDefault,
  certificate,
  hex,
  list,
  object,
  optionally,
  optionalTime,
  role,
  roles,
  word,
} from './parameters.js';
import { replaceCredentials } from './replace-credentials.js';
import { type RequestDefinition, request } from './request.js';
import { forEach, optional, place } from './template.js';

/** Commands about credentials, joins, firmware and device logs, to any device that they concern. */

const deviceTypes = ['gSME', 'eSME', 'CHF', 'GPF', 'hCALCS', 'pPMID', 'type2'] as const;
const deviceType = (description: string) => word(deviceTypes, description);
const deviceId = (description: string) => hex(8, description);

/**
 * The cell names the key that protects this command: the broker's key agreement cell where it is MACed, the digital
 * signature cell of who signs it otherwise (asn1.md 4.1).
 */
function provideCredentials(messageCode: number): RequestDefinition {
  return request(
    messageCode,
    {
      asn1: {
        authorisingRemotePartyTACellIdentifier: {
          trustAnchorCellRemotePartyRole: place('authorisingRole'),
          trustAnchorCellKeyUsage: place('authorisingKeyUsage'),
        },
        remotePartyRolesCredentialsRequired: place('roles'),
      },
    },
    z.strictObject({
      roles: roles('whose trust anchor cells to describe'),
      authorisingRole: byDefault(role('who authorises the command'), 'accessControlBroker'),
      authorisingKeyUsage: byDefault(
        word(keyUsages, 'by which of its keys: keyAgreement for a MAC, digitalSignature'),
        'keyAgreement',
      ),
    }),
  );
}

/** CS02c asks for a new key pair, CS02e for the certificate of the one in use. */
function deviceCredentials(messageCode: number): RequestDefinition {
  return request(
    messageCode,
    { asn1: { keyUsage: place('keyUsage') } },
    z.strictObject({ keyUsage: word(keyUsages, 'which of the device’s keys') }),
  );
}

type JoinMethod = 'methodAInitiator' | 'methodAResponder' | 'methodB';

const otherDevice = {
  otherDevice: deviceId('the other device'),
  otherDeviceType: deviceType('what the other device is'),
};
const joinOf = (joinMethodAndRole: JoinMethod | 'methodC') => ({
  joinMethodAndRole,
  otherDeviceEntityIdentifier: place('otherDevice'),
  otherDeviceType: place('otherDeviceType'),
});

function join(messageCode: number, method: JoinMethod): RequestDefinition {
  return request(messageCode, { asn1: joinOf(method) }, z.strictObject(otherDevice));
}

function unjoin(messageCode: number): RequestDefinition {
  return request(
    messageCode,
    { asn1: place('otherDevice') },
    z.strictObject({ otherDevice: otherDevice.otherDevice }),
  );
}

export const securityRequests = {
  CS02a: provideCredentials(0x0008),
  ...replaceCredentials,
  CS02c: deviceCredentials(0x000a),
  CS02d: request(
    0x000b,
    { asn1: place('certificate', 'certificate') },
    z.strictObject({ certificate: certificate('device certificate to use from now on') }),
  ),
  CS02e: deviceCredentials(0x000c),
  CS02f: provideCredentials(0x011b),
  CS03A1: join(0x000d, 'methodAInitiator'),
  CS03A2: join(0x00ab, 'methodAResponder'),
  CS03B: join(0x000e, 'methodB'),
  CS03C: request(
    0x00af,
    {
      asn1: {
        ...joinOf('methodC'),
        otherDeviceCertificate: place('otherDeviceCertificate', 'certificate'),
      },
    },
    z.strictObject({
      ...otherDevice,
      otherDeviceCertificate: certificate('key agreement certificate of the other device'),
    }),
  ),
  CS04AC: unjoin(0x000f),
  CS04B: unjoin(0x0010),
  CS06: request(
    0x0012,
    {
      asn1: {
        manufacturerImageHash: place('imageHash'),
        originatorCounter: place('$originatorCounter'),
        executionDateTime: optional(
          'executionDateTime',
          place('executionDateTime', 'generalizedTime'),
        ),
      },
    },
    z.strictObject({
      imageHash: hex(32, 'SHA-256 of the image that the device has received'),
      executionDateTime: optionally(optionalTime('when to activate it')),
    }),
  ),
  CS07: request(0x0013, { asn1: null }),
  CS08: request(0x0129, { asn1: null }),
  GCS59: request(
    0x008c,
    {
      asn1: {
        deviceLogEntries: [
          forEach('devices', { deviceId: place('id'), deviceType: place('type') }),
        ],
      },
    },
    z.strictObject({
      devices: list(
        object({ id: deviceId('the device'), type: deviceType('what it is') }, 'a device'),
        0,
        16,
        'what the device log held',
      ),
    }),
  ),
} as const;
