import type { ZclFields } from '../../protocols/zigbee/zcl/value.js';

/** Forms of a command that are worth a frame each. Absent: one frame with the first case. */
export const variants: Readonly<Record<string, readonly ZclFields[]>> = {
  'OTAUpgrade QueryNextImageRequest': [{ fieldControl: 0 }, { fieldControl: 1 }],
  'OTAUpgrade ImageBlockRequest': [0, 1, 2, 3].map((fieldControl) => ({ fieldControl })),
  'OTAUpgrade ImagePageRequest': [{ fieldControl: 0 }, { fieldControl: 1 }],
  'OTAUpgrade ImageNotify': [0, 1, 2, 3].map((payloadType) => ({ payloadType })),
  'OTAUpgrade QueryNextImageResponse': [{ status: 0 }, { status: 0x98 }, { status: 0x7e }],
  'OTAUpgrade ImageBlockResponse': [{ status: 0 }, { status: 0x97 }, { status: 0x95 }],
  'OTAUpgrade QueryDeviceSpecificFileResponse': [{ status: 0 }, { status: 0x98 }],
  'Metering PublishSnapshot': [0, 1, 2, 3, 4, 5, 6, 7, 128].map((snapshotPayloadType) => ({
    snapshotPayloadType,
  })),
  /** Anything else is worth a warning to tshark. */
  'Messaging CancelMessage': [{ messageControl: 0 }],
  'Calendar PublishDayProfile': [0, 1, 2, 3, 4].map((calendarType) => ({ calendarType })),
  'DeviceManagement SetEventConfiguration': [0, 1, 2, 3].map((configurationControl) => ({
    configurationControl,
  })),
};

/** Commands that tshark's Info column calls unknown. */
export const unknownCommands: readonly string[] = [
  'Metering DiscoverCommandsGenerated',
  'Metering DiscoverCommandsGeneratedResponse',
  'Metering DiscoverAttributesExtended',
  'Metering DiscoverAttributesExtendedResponse',
];

const lowNibble = 'shows the low nibble only';
const wholeOnly = 'shows the sub-payload as one run of octets';
const byParts = 'shows year, month and day as fields of their own';
const unknownCommand = 'does not know the command';
const certificate = 'wants a real certificate there, by the suite';

/** Fields that tshark shows otherwise, or not at all, each with what it does. */
export const unlikeOurs: Readonly<Record<string, string>> = {
  'Calendar PublishSeasons seasonStartDate': byParts,
  'Calendar PublishSpecialDays specialDayDate': byParts,
  'DemandResponseAndLoadControl CancelLoadControlEvent effectiveTime':
    'masks the time as if it were the cancel control before it',
  'DemandResponseAndLoadControl GetScheduledEvents issuerEventId': 'shows one octet of the four',
  'DeviceManagement PublishChangeOfTenancy proposedTenancyChangeControl':
    'takes the first octet for the highest',
  'DeviceManagement RequestNewPasswordResponse durationMinutes':
    'takes the first octet for the highest',
  'KeyEstablishment InitiateKeyEstablishmentRequest identity': certificate,
  'KeyEstablishment InitiateKeyEstablishmentResponse identity': certificate,
  'Messaging MessageConfirmation messageConfirmationControl': 'shows the lowest bit only',
  'Metering DiscoverAttributesExtendedResponse accessControl': unknownCommand,
  'Metering DiscoverAttributesExtendedResponse attributeId': unknownCommand,
  'Metering DiscoverAttributesExtendedResponse dataType': unknownCommand,
  'Metering DiscoverAttributesResponse discoveryComplete': 'skips it',
  'Metering DiscoverCommandsGeneratedResponse commandIds': unknownCommand,
  'Metering DiscoverCommandsReceivedResponse commandIds': 'stops after discovery complete',
  'Metering PublishSnapshot billDeliveredTrailingDigit': wholeOnly,
  'Metering PublishSnapshot billReceivedTrailingDigit': wholeOnly,
  'Metering PublishSnapshot billToDateDelivered': wholeOnly,
  'Metering PublishSnapshot billToDateReceived': wholeOnly,
  'Metering PublishSnapshot billToDateTimeStampDelivered': wholeOnly,
  'Metering PublishSnapshot billToDateTimeStampReceived': wholeOnly,
  'Metering PublishSnapshot currentSummationDelivered': wholeOnly,
  'Metering PublishSnapshot currentSummationReceived': wholeOnly,
  'Metering PublishSnapshot numberOfTiersAndBlockThresholdsInUse': wholeOnly,
  'Metering PublishSnapshot numberOfTiersInUse': wholeOnly,
  'Metering PublishSnapshot projectedBillDelivered': wholeOnly,
  'Metering PublishSnapshot projectedBillReceived': wholeOnly,
  'Metering PublishSnapshot projectedBillTimeStampDelivered': wholeOnly,
  'Metering PublishSnapshot projectedBillTimeStampReceived': wholeOnly,
  'Metering PublishSnapshot tierBlockSummations': wholeOnly,
  'Metering PublishSnapshot tierSummations': wholeOnly,
  'Metering RequestFastPollModeResponse fastPollModeEndTime':
    'counts from 1970, thirty years early',
  'OTAUpgrade ImageBlockResponse minimumBlockPeriod': 'stops after the request time',
  'Prepayment ChangeDebt debtRecoveryBalancePercentage':
    'has one octet; the official messages have two',
  'Prepayment PublishPrepaySnapshot accumulatedDebt': wholeOnly,
  'Prepayment PublishPrepaySnapshot creditRemaining': wholeOnly,
  'Prepayment PublishPrepaySnapshot emergencyCreditRemaining': wholeOnly,
  'Prepayment PublishPrepaySnapshot type1DebtRemaining': wholeOnly,
  'Prepayment PublishPrepaySnapshot type2DebtRemaining': wholeOnly,
  'Prepayment PublishPrepaySnapshot type3DebtRemaining': wholeOnly,
  'Price GetBillingPeriod tariffType': lowNibble,
  'Price GetCO2Value tariffType': lowNibble,
  'Price GetConsolidatedBill tariffType': lowNibble,
  'Price GetTariffInformation tariffType': lowNibble,
  'Tunneling TransferData data': 'looks into the tunnelled protocol',
};

/**
 * Our names whose counterparts in tshark neither contain them nor are contained in them: mostly its
 * abbreviations. In Cancel Tariff it calls the tariff's identifier an event's.
 */
export const fieldsNamedOtherwise: Readonly<Record<string, readonly string[]>> = {
  attributeId: ['attr_id', 'attr_client_id'],
  commandId: ['rsp'],
  commandIds: ['command_identifier'],
  commandIssueDateTime: ['cmd_issue_date_time'],
  confirmationTime: ['confirm_time'],
  durationMinutes: ['duration_in_minutes'],
  earliestImplementationTime: ['earliest_impl_time'],
  earliestSampleTime: ['sample_start_time'],
  emergencyCreditLimit: ['emc_limit'],
  emergencyCreditThreshold: ['emc_threshold'],
  ephemeralData: ['qeu', 'qev'],
  extendedMessageControl: ['ctrl'],
  fieldControl: ['field_ctrl'],
  hardwareVersion: ['hw_ver'],
  implementationDateTime: ['impl_time'],
  issuerEventId: ['issuer_id'],
  issuerTariffId: ['issuer_event_id'],
  maximumAttributeIds: ['maxnum'],
  maximumCommandIds: ['maxnum'],
  maximumCreditLevel: ['max_credit_level'],
  maximumCreditPerTopUp: ['max_credit_per_top_up'],
  maximumDataSize: ['max_data_size'],
  maximumIncomingTransferSize: ['max_in_transfer_size'],
  maximumReportingInterval: ['maxint'],
  messageConfirmationControl: ['ctrl'],
  messageControl: ['ctrl'],
  minimumBlockPeriod: ['min_block_period'],
  minimumReportingInterval: ['minint'],
  numberOfBytesLeft: ['octets_left'],
  numberOfCommands: ['no_of_commands'],
  numberOfDebts: ['number_of_records'],
  numberOfEvents: ['numbers_of_events'],
  reportableChange: ['uint48'],
  requestNodeAddress: ['ieee_addr'],
  responseSpacingMs: ['rsp_spacing'],
  secureMessageAuthenticationCode: ['macu', 'macv'],
  startDateTime: ['start_time'],
  suspensionPeriodMinutes: ['zcl_messages_suspension_period'],
  tariffTypeChargingScheme: ['type_and_charging_scheme'],
  totalNumberOfCommands: ['total_commands'],
  /** Its name is that of an event, its label that of the total. */
  totalNumberOfEvents: ['event_id'],
  tunnelStatus: ['transfer_status'],
  value: ['uint48'],
};

/** Attributes that tshark's tables do not have: mostly of later standards. */
export const unknownAttributes: readonly string[] = [
  'Basic GenericDeviceClass',
  'Basic GenericDeviceType',
  'Basic ProductCode',
  'Basic ProductURL',
  'Basic ManufacturerVersionDetails',
  'Basic SerialNumber',
  'Basic ProductLabel',
  'OTAUpgrade ImageStamp',
  'OTAUpgrade UpgradeActivationPolicy',
  'OTAUpgrade UpgradeTimeoutPolicy',
  'Price ReceivedLastBillingPeriodDuration',
];

/** The same attribute under another name in tshark. */
export const attributesNamedOtherwise: Readonly<Record<string, string>> = {
  'Basic SWBuildID': 'Software Build Id',
  'Time DstStart': 'Daylight Saving Time Start',
  'Time DstEnd': 'Daylight Saving Time End',
  'Time DstShift': 'Daylight Saving Time Shift',
  'OTAUpgrade MinimumBlockPeriod': 'Minimum Block Request Delay',
  'Metering UncontrolledFlowThresholdUnitOfMeasure': 'Uncontrolled Flow Unit of Measure',
  'Prepayment LowCreditWarningLevel': 'Low Credit Warning',
  'KeyEstablishment KeyEstablishmentSuite': 'Supported Key Establishment Suites',
};

/** Attributes whose values tshark shows otherwise. */
export const attributesUnlikeOurs: Readonly<Record<string, string>> = {
  'OTAUpgrade UpgradeServerID value': 'shows the octets of an address as they travel',
  'Tunneling CloseTunnelTimeout value': 'takes the first octet for the highest',
};
