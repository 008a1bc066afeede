import { ApsHeader } from '../../../protocols/zigbee/aps.js';
import { bytesOf, codecTable } from '../../support/codec-table.js';

const addressing = {
  destinationEndpoint: 1,
  clusterId: 0x0704,
  profileId: 0x0109,
  sourceEndpoint: 3,
};
const data: ApsHeader = {
  type: 'data',
  delivery: 'unicast',
  acknowledgmentRequest: false,
  ...addressing,
  counter: 0x55,
  fragment: undefined,
  auxiliaryHeader: undefined,
};
const acknowledgment: ApsHeader = {
  type: 'acknowledgment',
  delivery: 'unicast',
  addressing,
  counter: 0x55,
  fragment: undefined,
  auxiliaryHeader: undefined,
};

// Frame controls 00 / 20 / 40 / 80, command 21, acknowledgment 02, extended headers: zigbee.md 2.
codecTable<ApsHeader>(
  'ZigBee APS header',
  ApsHeader,
  [
    { name: 'data', wire: '00 01 0407 0901 03 55', value: data },
    {
      name: 'data to everyone',
      wire: '08 ff 0407 0901 03 55',
      value: { ...data, delivery: 'broadcast', destinationEndpoint: 0xff },
    },
    {
      name: 'first of three blocks, acknowledgment asked',
      wire: 'c0 01 0407 0901 03 55 01 03',
      value: {
        ...data,
        acknowledgmentRequest: true,
        fragment: { first: true, blockNumber: 3 },
      },
    },
    {
      name: 'last of three blocks, secured',
      wire: 'a0 01 0407 0901 03 55 02 02 00 01000000',
      value: {
        ...data,
        fragment: { first: false, blockNumber: 2 },
        auxiliaryHeader: bytesOf('0001000000'),
      },
    },
    {
      name: 'secured command',
      wire: '21 55 30 01000000 a190785634 12db00',
      value: {
        type: 'command',
        delivery: 'unicast',
        acknowledgmentRequest: false,
        counter: 0x55,
        auxiliaryHeader: bytesOf('3001000000a19078563412db00'),
      },
    },
    { name: 'acknowledgment', wire: '02 01 0407 0901 03 55', value: acknowledgment },
    {
      name: 'acknowledgment of blocks',
      wire: '82 01 0407 0901 03 55 01 00 07',
      value: { ...acknowledgment, fragment: { first: true, blockNumber: 0, bitmap: 7 } },
    },
    {
      name: 'acknowledgment of a command',
      wire: '12 55',
      value: { ...acknowledgment, addressing: undefined },
    },
  ],
  [
    { name: 'inter-PAN', wire: '03 0407 0901', reason: /inter-PAN/ },
    { name: 'group delivery', wire: '0c 3412 0407 0901 03 55', reason: /delivery mode 3/ },
    { name: 'indirect delivery', wire: '04 01 0407 0901 03 55', reason: /delivery mode 1/ },
    { name: 'format bit in data', wire: '10 01 0407 0901 03 55', reason: /acknowledgment format/ },
    { name: 'extended command', wire: '81 55 01 03', reason: /no extended header/ },
    {
      name: 'acknowledgment asking for one',
      wire: '42 01 0407 0901 03 55',
      reason: /asks for none/,
    },
    {
      name: 'other extended header',
      wire: '80 01 0407 0901 03 55 00',
      reason: /extended frame control 0/,
    },
  ],
);
