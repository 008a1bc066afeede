/** Vectors of others: NIST and RFC. Hex throughout. */

/** @see RFC 6979 A.2.5, P-256 with SHA-256. The first signature has a high s. */
export const rfc6979 = {
  privateKey: 'c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721',
  publicKey:
    '0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6' +
    '7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299',
  signatures: [
    {
      text: 'sample',
      signature:
        'efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716' +
        'f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8',
    },
    {
      text: 'test',
      signature:
        'f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367' +
        '019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083',
    },
  ],
} as const;

/** @see NIST CAVS 14.1 ECC CDH primitive, P-256, COUNT = 0 */
export const nistEcdh = {
  privateKey: '7d7dc5f71eb29ddaf80d6214632eeae03d9058af1fb6d22ed80badb62bc1a534',
  peerPublicKey:
    '04700c48f77f56584c5cc632ca65640db91b6bacce3a4df6b42ce7cc838833d287' +
    'db71e509e3fd9b060ddb20ba5c51dcc5948d46fbf640dfe0441782cab85fa4ac',
  z: '46fc62106420ff012e54a434fbdd2d25ccc5852060561e68040dd7778997bd7b',
} as const;

/** @see The Galois/Counter Mode of Operation (McGrew, Viega), test cases 1, 2 and 4 */
export const gcm = [
  {
    key: '00000000000000000000000000000000',
    iv: '000000000000000000000000',
    additionalData: '',
    plaintext: '',
    ciphertext: '',
    tag: '58e2fccefa7e3061367f1d57a4e7455a',
  },
  {
    key: '00000000000000000000000000000000',
    iv: '000000000000000000000000',
    additionalData: '',
    plaintext: '00000000000000000000000000000000',
    ciphertext: '0388dace60b6a392f328c2b971b2fe78',
    tag: 'ab6e47d42cec13bdf53a67b21257bddf',
  },
  {
    key: 'feffe9928665731c6d6a8f9467308308',
    iv: 'cafebabefacedbaddecaf888',
    additionalData: 'feedfacedeadbeeffeedfacedeadbeefabaddad2',
    plaintext:
      'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72' +
      '1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
    ciphertext:
      '42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e' +
      '21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091',
    tag: '5bc94fbc3221a5db94fae95ae7121a47',
  },
] as const;

/**
 * The MAC of a top-up token (gbcs-message.md 6): key derivation and GMAC from published numbers. The last four bytes of
 * the tag went into the token.
 */
export const topUpToken = {
  z: '5c00001ae96494fedfd740c4679d346e913d89b978beeff76577be69c92bf3ce',
  otherInfo: '6085740608030090b3d51f300100000901000000030000000000db1234567890a0',
  key: '2bffa53fcffb5a2ede5186f987b0fec5',
  iv: '90b3d51f3001000000000000',
  additionalData: '11000000000090b3d51f3001000000db1234567890a00100000003000000000001a00a',
  tag: 'a7aabfef5774934aecb084c69cd029e3',
} as const;

/** @see FIPS 197 C.1 */
export const aesBlock = {
  key: '000102030405060708090a0b0c0d0e0f',
  block: '00112233445566778899aabbccddeeff',
  enciphered: '69c4e0d86a7b0430d8cdb78070b4c55a',
} as const;

const ccmKey = 'c0c1c2c3c4c5c6c7c8c9cacbcccdcecf';

/** @see RFC 3610 8, packet vectors 1 to 3; IEEE 802.15.4-2006 C.2.1 and C.2.3, a beacon and an association request */
export const ccmStar = [
  {
    key: ccmKey,
    nonce: '00000003020100a0a1a2a3a4a5',
    additionalData: '0001020304050607',
    message: '08090a0b0c0d0e0f101112131415161718191a1b1c1d1e',
    ciphertext: '588c979a61c663d2f066d0c2c0f989806d5f6b61dac384',
    mic: '17e8d12cfdf926e0',
  },
  {
    key: ccmKey,
    nonce: '00000004030201a0a1a2a3a4a5',
    additionalData: '0001020304050607',
    message: '08090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
    ciphertext: '72c91a36e135f8cf291ca894085c87e3cc15c439c9e43a3b',
    mic: 'a091d56e10400916',
  },
  {
    key: ccmKey,
    nonce: '00000005040302a0a1a2a3a4a5',
    additionalData: '0001020304050607',
    message: '08090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20',
    ciphertext: '51b1e5f44a197d1da46b0f8e2d282ae871e838bb64da859657',
    mic: '4adaa76fbd9fb0c5',
  },
  {
    key: ccmKey,
    nonce: 'acde4800000000010000000502',
    additionalData: '08d0842143010000000048deac020500000055cf000051525354',
    message: '',
    ciphertext: '',
    mic: '223bc1ec841ab553',
  },
  {
    key: ccmKey,
    nonce: 'acde4800000000010000000506',
    additionalData: '2bdc842143020000000048deacffff010000000048deac060500000001',
    message: 'ce',
    ciphertext: 'd8',
    mic: '4fde529061f9c6f1',
  },
] as const;
