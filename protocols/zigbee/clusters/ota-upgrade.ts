import { zclStatuses } from '../zcl/foundation.js';
import type { AttributeTable, ClusterDefinition, CommandTable, Layout } from '../zcl/layout.js';

/** What names one version of one image; all ones in a field stands for any. */
const image: Layout = { manufacturerCode: 'uint16', imageType: 'uint16', fileVersion: 'uint32' };

const success = { status: zclStatuses.success };
const waitForData = { status: zclStatuses.waitForData };

/** Bits of `fieldControl` in the requests. */
export const otaFieldControlBits = {
  /** Query Next Image Request. */
  hardwareVersionPresent: 0x01,
  /** Image Block Request and Image Page Request. */
  requestNodeAddressPresent: 0x01,
  /** Image Block Request. */
  minimumBlockPeriodPresent: 0x02,
} as const;

const requestNodeAddress = {
  type: 'eui64',
  whenSet: { fieldControl: otaFieldControlBits.requestNodeAddressPresent },
} as const;

const clientAttributes: AttributeTable = {
  0: ['UpgradeServerID', 'eui64'],
  1: ['FileOffset', 'uint32'],
  2: ['CurrentFileVersion', 'uint32'],
  3: ['CurrentZigBeeStackVersion', 'uint16'],
  4: ['DownloadedFileVersion', 'uint32'],
  5: ['DownloadedZigBeeStackVersion', 'uint16'],
  6: ['ImageUpgradeStatus', 'enum8'],
  7: ['ManufacturerID', 'uint16'],
  8: ['ImageTypeID', 'uint16'],
  9: ['MinimumBlockPeriod', 'uint16'],
  10: ['ImageStamp', 'uint32'],
  11: ['UpgradeActivationPolicy', 'enum8'],
  12: ['UpgradeTimeoutPolicy', 'enum8'],
};

/** Values of the client's ImageUpgradeStatus. */
export const imageUpgradeStatuses = {
  normal: 0,
  downloadInProgress: 1,
  downloadComplete: 2,
  waitingToUpgrade: 3,
  countDown: 4,
  waitForMore: 5,
  waitingToUpgradeByExternalEvent: 6,
} as const;

const toServer: CommandTable = {
  1: {
    name: 'QueryNextImageRequest',
    fields: {
      fieldControl: 'map8',
      ...image,
      hardwareVersion: {
        type: 'uint16',
        whenSet: { fieldControl: otaFieldControlBits.hardwareVersionPresent },
      },
    },
  },
  3: {
    name: 'ImageBlockRequest',
    fields: {
      fieldControl: 'map8',
      ...image,
      fileOffset: 'uint32',
      maximumDataSize: 'uint8',
      requestNodeAddress,
      minimumBlockPeriod: {
        type: 'uint16',
        whenSet: { fieldControl: otaFieldControlBits.minimumBlockPeriodPresent },
      },
    },
  },
  4: {
    name: 'ImagePageRequest',
    fields: {
      fieldControl: 'map8',
      ...image,
      fileOffset: 'uint32',
      maximumDataSize: 'uint8',
      pageSize: 'uint16',
      responseSpacingMs: 'uint16',
      requestNodeAddress,
    },
  },
  6: { name: 'UpgradeEndRequest', fields: { status: 'enum8', ...image } },
  8: {
    name: 'QueryDeviceSpecificFileRequest',
    fields: { requestNodeAddress: 'eui64', ...image, currentZigBeeStackVersion: 'uint16' },
  },
};

/** The image there is, or only the status that tells why there is none. */
const nextImage: Layout = {
  status: 'enum8',
  manufacturerCode: { type: 'uint16', when: success },
  imageType: { type: 'uint16', when: success },
  fileVersion: { type: 'uint32', when: success },
  imageSize: { type: 'uint32', when: success },
};

/**
 * A block with `success`, when to ask again with `waitForData` (times as in Upgrade End Response),
 * only the status otherwise. Older servers leave off the minimum block period.
 */
const imageBlock: Layout = {
  status: 'enum8',
  manufacturerCode: { type: 'uint16', when: success },
  imageType: { type: 'uint16', when: success },
  fileVersion: { type: 'uint32', when: success },
  fileOffset: { type: 'uint32', when: success },
  dataSize: { type: 'uint8', when: success },
  imageData: { octetsCountedBy: 'dataSize', when: success },
  currentTime: { type: 'utc', when: waitForData },
  requestTime: { type: 'utc', when: waitForData },
  minimumBlockPeriod: { type: 'uint16', when: waitForData, optional: true },
};

const toClient: CommandTable = {
  0: {
    name: 'ImageNotify',
    fields: {
      payloadType: 'enum8',
      queryJitter: 'uint8',
      manufacturerCode: { type: 'uint16', whenAtLeast: { payloadType: 1 } },
      imageType: { type: 'uint16', whenAtLeast: { payloadType: 2 } },
      fileVersion: { type: 'uint32', whenAtLeast: { payloadType: 3 } },
    },
  },
  2: { name: 'QueryNextImageResponse', fields: nextImage },
  5: { name: 'ImageBlockResponse', fields: imageBlock },
  7: {
    name: 'UpgradeEndResponse',
    /** Upgrade time less current time is the delay; all ones: wait until told. */
    fields: { ...image, currentTime: 'utc', upgradeTime: 'utc' },
  },
  9: { name: 'QueryDeviceSpecificFileResponse', fields: nextImage },
};

/**
 * OTA Upgrade: a client fetches its firmware from the server, block by block.
 *
 * @see ZigBee OTA 09-5264-23
 */
export const otaUpgrade: ClusterDefinition = {
  id: 0x0019,
  name: 'OTAUpgrade',
  attributes: {},
  clientAttributes,
  toServer,
  toClient,
};
