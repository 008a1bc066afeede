import type { Eui64 } from '../../../../protocols/codec/eui64.js';
import type { CryptographicSuite } from '../../../../protocols/zigbee/cbke/suite.js';

/** One device of the worked examples of Smart Energy's annex C. */
export interface PublishedParty {
  readonly address: Eui64;
  readonly certificate: string;
  readonly privateKey: string;
  readonly publicKey: string;
  readonly ephemeralPrivateKey: string;
  readonly ephemeralPublicKey: string;
}

export interface PublishedExchange {
  readonly suite: CryptographicSuite;
  readonly issuer: Eui64;
  readonly authority: string;
  readonly initiator: PublishedParty;
  readonly responder: PublishedParty;
  readonly secret: string;
  readonly macKey: string;
  /** What was published of them. */
  readonly macu: string | undefined;
  readonly macv: string | undefined;
}

/** Smart Energy C.5. */
export const suite1Exchange: PublishedExchange = {
  suite: 1,
  issuer: '5445535453454341' as Eui64,
  authority: '0200fde8a7f3d1084224962a4e7c54e69ac3f04da6b8',
  initiator: {
    address: '0000000000000002' as Eui64,
    certificate:
      '020615e07d30eca2dad58002e667d94bc1b422398307' +
      '0000000000000002544553545345434101090006000000000000',
    privateKey: '01e9ddb5580cf72ece7f215f0ae594e48df3e7fee8',
    publicKey: '03025bba38d0c7b5436b68df728f093e7a1d6c437e6d',
    ephemeralPrivateKey: '0013d36de4b1ea8e22739c381370823f404bff8862',
    ephemeralPublicKey: '0300e117c86d0e7cd128b2f34e9076cff24af46d7288',
  },
  responder: {
    address: '0000000000000001' as Eui64,
    certificate:
      '03045fdfc8d85ffb8b3993cb72ddcaa55f00b3e87d6d' +
      '0000000000000001544553545345434101090006000000000000',
    privateKey: '00b8a900fcadebabbfa383b540fce9ed438395eaa7',
    publicKey: '030290a1f5c08dad5f2945e335620c7a98fac46666a1',
    ephemeralPrivateKey: '03d48c7210ddbcc4fb2e5e7a0aa16a0db89540820b',
    ephemeralPublicKey: '0306ab52062201d995b8b8591f3f086a3a2e214d845e',
  },
  secret: '00e0d2c3ccd5c106a89c4f6cc26a5f7ec9df78a7be',
  macKey: '90f967b22c8357c10c1c04788de9e848',
  macu: undefined,
  macv: '79d5f2ad1c31d4d1ee7cb719ac683c3c',
};

/** Smart Energy C.6. The responder's ephemeral private key is above the order. */
export const suite2Exchange: PublishedExchange = {
  suite: 2,
  issuer: '1112131415161718' as Eui64,
  authority: '0207a445022d9f39f49bdc38380026a27a9e0a1799313ab28c5c1a1c6b605154db1dff6752',
  initiator: {
    address: '0a0b0c0d0e0f1012' as Eui64,
    certificate:
      '0084a933b37f018dec0d081112131415161718005292a38affffffff0a0b0c0d0e0f101288' +
      '03076277e2f7e2252b16a0e92b6e8771bb3f207946cbd4a45d9a9df6edab8c796a48e89dec',
    privateKey: '00f2561adb39ef49c1d62ef5186c6e0c158a5a45bfce38660931acc3694592d5acde9006',
    publicKey: '03030e56f7ade866e76372764ba20a9ff1fe4cae522f94839e70f2adfc1ca3e97f4ddcaf2e',
    ephemeralPrivateKey: '0013d36de4b1ea8e22739c381370823f404bff8862b521feca9871fb3691846d361304b4',
    ephemeralPublicKey:
      '0305f3394e15680660eecaa36788d9b6f312b971ce2c9617570bf7dfcd21c972017762c332',
  },
  responder: {
    address: '0a0b0c0d0e0f1011' as Eui64,
    certificate:
      '002622a505e8938f270d081112131415161718005292a35bffffffff0a0b0c0d0e0f101188' +
      '0303b4e9dc543a64333c982308022b54e67e2f15f532551b0a11e2e2c1c1d3097a4324e7ed',
    privateKey: '0151cd0dbcb80474bf7ac9feebe39c7a32a63518938fca9754aae132bc9c73be94a7e1be',
    publicKey: '0202f4fa2a3040433c6820299d182a1042e41404e337c57f47716b42dfaf970f1580a04c9b',
    ephemeralPrivateKey: '03d48c7210ddbcc4fb2e5e7a0aa16a0db89540820b8dc091ab521ea824afe117cade995b',
    ephemeralPublicKey:
      '03009a5131cf5b92a016378c0f7f284ecd47f94010f875d43bf1e9a65474adbfc63696a930',
  },
  secret: '04f7724a9a77b21d2747ccef68a457e45246c4be9f66fd9425227bcb2cc5180ea9cccb9a',
  macKey: 'ed380a00296600fb6b893025de5fd137',
  macu: 'bf7e1a26d4ef7038b56813e465a131c9',
  macv: undefined,
};

export const publishedExchanges = [suite1Exchange, suite2Exchange];

/** Certicom's test certificates for developers: more keys out of certificates. */
export const certicomCertificates = [
  {
    suite: 1,
    authority: suite1Exchange.authority,
    certificate:
      '02020882b1d7df05538f37cdd09a4f6b15368998642b' +
      '002208000000000154455354534543410109108301234567890a',
    publicKey: '0207d1ca014786b5e552cfd5f04339a2e856f00eaaef',
  },
  {
    suite: 2,
    authority: suite2Exchange.authority,
    certificate:
      '000b3ad5a312ab75d60d081112131415161718005b7ed230ffffffff002208000000000108' +
      '0205bb3d1d1576197ff9ab6563915019a130437adb0ee7915432dc4a09c97dc595c5856800',
    publicKey: '02012f082ee7db1bd3f89f16eabbf5d6221a5dcd077fc0c9d37b329eee8e2cdaee03439de0',
  },
] as const;
