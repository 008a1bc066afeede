import { dirname, join } from 'node:path';
import { zepPort } from '../../protocols/pcapng/zep.js';
import { configDirectoryOf, keyFileName } from './key-file.js';

/** A path as shells take it. */
function quoted(path: string): string {
  return /^[\w./:@%+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

/** Sets Wireshark's configuration directory for one command; a name of their own keeps keys from being found. */
function withKeys(keyFile: string | undefined, command: string): string {
  const directory = keyFile === undefined ? undefined : configDirectoryOf(keyFile);
  return directory === undefined ? command : `WIRESHARK_CONFIG_DIR=${quoted(directory)} ${command}`;
}

/** The command line that opens a capture. */
export function openHint(capture: string, keyFile: string | undefined): string {
  return withKeys(keyFile, `wireshark ${quoted(capture)}`);
}

/** Command lines that open `capture` and the live feed at `port`, each with a line before it that says what it does. */
export function openHints(capture: string, keyFile: string | undefined, port: number): string[] {
  const file = quoted(capture);
  const fields = ['frame.number', 'frame.interface_name', '_ws.col.Protocol', '_ws.col.Info'];
  // Wireshark finds keys only in a file of this very name.
  const renamed = keyFile !== undefined && configDirectoryOf(keyFile) === undefined;
  const keys = renamed ? join(dirname(keyFile), 'wireshark', keyFileName) : keyFile;
  const tshark = (rest: string): string => withKeys(keys, `tshark -n -r ${file} ${rest}`);
  const decodeAs = port === zepPort ? '' : ` -d udp.port==${port},zep`;
  return [
    ...(renamed ? renaming(keyFile, keys as string) : []),
    ...(keys === undefined ? [] : about(keys)),
    '# all of it; a filter for one home: frame.interface_name == "home-1/2g4"',
    openHint(capture, keys),
    '# a line each',
    tshark(`-T fields ${fields.map((field) => `-e ${field}`).join(' ')}`),
    '# the GBCS messages of the WAN, and those in the tunnels of the homes',
    tshark('-Y gbcs_message'),
    '# what Wireshark objects to or cannot decrypt: nothing, if all is well',
    tshark("-Y '_ws.malformed || _ws.expert || zbee_sec.encrypted_payload'"),
    ...(keys === undefined ? [] : ownProfile(keys)),
    `# frames as they come: hubfleet capture ${liveOptions(keys, port)}, then`,
    withKeys(keys, `wireshark -k -i lo -f 'udp port ${port}'${decodeAs}`),
  ];
}

function liveOptions(keys: string | undefined, port: number): string {
  const live = port === zepPort ? '--live udp' : `--live udp:${port}`;
  return keys === undefined ? live : `${live} --keys ${quoted(keys)}`;
}

function renaming(keyFile: string, keys: string): string[] {
  return [
    `# Wireshark wants the file of the keys to be called ${keyFileName}`,
    `mkdir -p ${quoted(dirname(keys))} && cp ${quoted(keyFile)} ${quoted(keys)}`,
  ];
}

function about(keys: string): string[] {
  const directory = dirname(keys);
  return [
    `# the keys of the homes are in ${keys}: for these commands that directory is Wireshark's configuration,`,
    `# instead of your own (preferences and all; Wireshark may write into ${directory === '.' ? 'it' : directory})`,
  ];
}

function ownProfile(keys: string): string[] {
  return [
    '# or add them, while it is closed, to your own configuration (Help > About > Folders says where), and do without',
    `cat ${quoted(keys)} >> ~/.config/wireshark/${keyFileName}`,
  ];
}
