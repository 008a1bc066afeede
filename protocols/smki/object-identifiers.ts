/** Object identifiers of the SMKI certificate profiles (smki.md 1 to 4). */
export const oid = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  ecPublicKey: '1.2.840.10045.2.1',
  prime256v1: '1.2.840.10045.3.1.7',

  commonName: '2.5.4.3',
  organizationalUnitName: '2.5.4.11',
  x500UniqueIdentifier: '2.5.4.45',

  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAlternativeName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  certificatePolicies: '2.5.29.32',
  authorityKeyIdentifier: '2.5.29.35',

  hardwareModuleName: '1.3.6.1.5.5.7.8.4',
  /** Type of the hardware module in a device's name. */
  deviceHardwareType: '1.2.826.0.1.8641679.1.2.2.1',

  /** Policy of organisation and issuing CA certificates. */
  organisationPolicy: '1.2.826.0.1.8641679.1.2.1.4',
  /**
   * Policy of device certificates in the published test PKI. Live ones are said to be issued under the arc of
   * `organisationPolicy`; that is not verified, and nothing in hubfleet depends on it.
   */
  testDevicePolicy: '1.2.826.0.1.1800000.1.2.1.4',
} as const;
