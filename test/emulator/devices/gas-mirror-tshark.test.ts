import { beforeAll, describe, expect, it } from 'vitest';
import {
  fieldsOf,
  gasHome,
  gsmeEui,
  halfHourMs,
  nameOf,
  nextWake,
} from '../../support/gas-home.js';
import type { RecordedFrame } from '../../support/test-home.js';
import { dissect, tsharkAvailable } from '../../support/tshark.js';
import { pcapOfZcl } from '../../support/zcl-pcap.js';

/** Every frame that meter and mirror have for each other: set-up, flags, readings lost, an outage, catching up. */
function conversation(): readonly RecordedFrame[] {
  const { home, gpf, gsme } = gasHome(Date.UTC(2026, 0, 30, 22));
  home.start();
  gpf.setFlags((1 << 6) | (1 << 9), true);
  nextWake(home, gsme);
  gpf.setFlags((7 << 6) | (7 << 9), false);
  home.loses = (frame) => nameOf(frame) === 'PublishSnapshot';
  home.clock.advance(4 * halfHourMs);
  home.loses = () => false;
  nextWake(home, gsme);
  home.loses = ({ from }) => from === gsmeEui;
  home.clock.advance(8 * halfHourMs);
  home.loses = () => false;
  home.clock.advance(3 * halfHourMs);
  return home.frames;
}

/** Command, and its fields by Wireshark's names and ours. */
const compared: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['RequestMirrorResponse', { 'request_mirror_rsp.endpoint_id': 'endpointId' }],
  [
    'ConfigureMirror',
    {
      'configure_mirror.issuer_event_id': 'issuerEventId',
      'configure_mirror.reporting_interval': 'reportingInterval',
      'configure_mirror.mirror_notification_reporting': 'mirrorNotificationReporting',
      'configure_mirror.notification_scheme': 'notificationScheme',
    },
  ],
  [
    'MirrorReportAttributeResponse',
    {
      'mirror_report_attribute_response.notification_scheme': 'notificationScheme',
      'attr.func_noti_flag': 'notificationFlags.0',
      'attr.noti_flag_2': 'notificationFlags.1',
      'attr.noti_flag_3': 'notificationFlags.2',
      'attr.noti_flag_4': 'notificationFlags.3',
      'attr.noti_flag_5': 'notificationFlags.4',
    },
  ],
  [
    'GetNotifiedMessage',
    {
      'get_notified_msg.notification_scheme': 'notificationScheme',
      'get_notified_msg.notification_flag_attribute_id': 'notificationFlagAttributeId',
      'attr.func_noti_flag': 'notificationFlags',
    },
  ],
  [
    'GetSnapshot',
    {
      'get_snapshot.snapshot_offset': 'snapshotOffset',
      'get_snapshot.snapshot_cause': 'snapshotCause',
    },
  ],
  [
    'PublishSnapshot',
    {
      'publish_snapshot.snapshot_id': 'snapshotId',
      'publish_snapshot.snapshots_found': 'totalSnapshotsFound',
      'publish_snapshot.command_index': 'commandIndex',
      'publish_snapshot.total_commands': 'totalNumberOfCommands',
      'publish_snapshot.snapshot_cause': 'snapshotCause',
      'publish_snapshot.payload_type': 'snapshotPayloadType',
    },
  ],
  [
    'GetSampledData',
    {
      'get_sampled_data.sample_id': 'sampleId',
      'get_sampled_data.sample_type': 'sampleType',
      'get_sampled_data.number_of_samples': 'numberOfSamples',
    },
  ],
  [
    'GetSampledDataResponse',
    {
      'get_sampled_data_rsp.sample_id': 'sampleId',
      'get_sampled_data_rsp.sample_request_interval': 'sampleRequestInterval',
      'get_sampled_data_rsp.number_of_samples': 'numberOfSamples',
      'get_sampled_data_rsp.samples': 'samples',
    },
  ],
];

/** Numbers of one field of a frame, however tshark writes them. */
function numbers(text: string | undefined): readonly number[] {
  const words = { True: 1, False: 0 } as Record<string, number>;
  return (text ?? '').split(',').map((part) => words[part] ?? Number(part));
}

/** A field of ours, or (`name.0`) an element of a list. */
function ours(fields: Record<string, unknown>, path: string): readonly number[] {
  const [name = '', index] = path.split('.');
  const list = [fields[name]].flat();
  return (index === undefined ? list : [list[Number(index)]]).map(Number);
}

describe.skipIf(!tsharkAvailable)('tshark reads what meter and mirror say to each other', () => {
  let frames: readonly RecordedFrame[];
  let capture: Uint8Array;
  beforeAll(() => {
    frames = conversation();
    capture = pcapOfZcl(frames);
  });

  it('finds every command in it, nothing malformed and nothing to remark on', () => {
    expect([...new Set(frames.map(nameOf))].sort()).toEqual([
      'ConfigureMirror',
      'DefaultResponse',
      'GetNotifiedMessage',
      'GetSampledData',
      'GetSampledDataResponse',
      'GetSnapshot',
      'MirrorReportAttributeResponse',
      'PublishSnapshot',
      'ReadAttributes',
      'ReadAttributesResponse',
      'ReportAttributes',
      'RequestMirror',
      'RequestMirrorResponse',
    ]);
    expect(dissect(capture, ['frame.number'], '_ws.malformed || _ws.expert')).toEqual([]);
    const infos = dissect(capture, ['_ws.col.Info']).flat();
    expect(infos).toHaveLength(frames.length);
    expect(infos.filter((info) => /Unknown|Reserved/.test(info))).toEqual([]);
  });

  it.each(compared)('%s has the values we sent', (name, names) => {
    const sent = frames.filter((frame) => nameOf(frame) === name).map(fieldsOf);
    const wireshark = Object.keys(names).map((field) => `zbee_zcl_se.met.${field}`);
    const read = dissect(capture, wireshark, wireshark[0]);
    expect(read).toHaveLength(sent.length);
    const theirs = read.map((row) => row.map(numbers));
    const own = sent.map((fields) => Object.values(names).map((path) => ours(fields, path)));
    expect(theirs).toEqual(own);
  });

  it('reads the reports: clusters, attributes and values', () => {
    const reports = frames.filter((frame) => nameOf(frame) === 'ReportAttributes');
    const read = dissect(
      capture,
      ['zbee_aps.cluster', 'zbee_zcl_se.met.attr_id'],
      'zbee_zcl.cmd.id == 0x0a && zbee_aps.cluster == 0x0702',
    );
    const own = reports
      .filter(({ clusterId }) => clusterId === 0x0702)
      .map((frame) =>
        (fieldsOf(frame).attributes as { attributeId: number }[]).map((one) => one.attributeId),
      );
    expect(read.map(([, ids]) => numbers(ids))).toEqual(own);
  });

  it('objects to a snapshot that is cut short', () => {
    const snapshot = frames.find((frame) => nameOf(frame) === 'PublishSnapshot') as RecordedFrame;
    const cut = { ...snapshot, frame: snapshot.frame.subarray(0, 12) };
    expect(dissect(pcapOfZcl([cut]), ['frame.number'], '_ws.malformed')).toHaveLength(1);
  });
});
