import type { ClusterDefinition } from '../zcl/layout.js';

/** Basic: what a device is. */
export const basic: ClusterDefinition = {
  id: 0x0000,
  name: 'Basic',
  attributes: {
    0: ['ZCLVersion', 'uint8'],
    1: ['ApplicationVersion', 'uint8'],
    2: ['StackVersion', 'uint8'],
    3: ['HWVersion', 'uint8'],
    4: ['ManufacturerName', 'string'],
    5: ['ModelIdentifier', 'string'],
    6: ['DateCode', 'string'],
    7: ['PowerSource', 'enum8'],
    8: ['GenericDeviceClass', 'enum8'],
    9: ['GenericDeviceType', 'enum8'],
    10: ['ProductCode', 'octstr'],
    11: ['ProductURL', 'string'],
    12: ['ManufacturerVersionDetails', 'string'],
    13: ['SerialNumber', 'string'],
    14: ['ProductLabel', 'string'],
    16: ['LocationDescription', 'string'],
    17: ['PhysicalEnvironment', 'enum8'],
    18: ['DeviceEnabled', 'bool'],
    19: ['AlarmMask', 'map8'],
    20: ['DisableLocalConfig', 'map8'],
    16384: ['SWBuildID', 'string'],
  },
  toServer: { 0: { name: 'ResetToFactoryDefaults', fields: {} } },
  toClient: {},
};
