import assert from "node:assert/strict";
import { test } from "node:test";
import { testedMajors } from "../support/database";
import { judgeOn, type Pair } from "../support/deriving";

/** A JSON array of bytes. */
const bytes = (hex: string): string => JSON.stringify([...Buffer.from(hex, "hex")]);

/** Published pairs of a key and its address, by source. Keys of paths were derived from the source's mnemonic. */
const vectors: Readonly<Record<string, readonly Pair[]>> = {
  "BIP-84": [
    {
      key: "KyZpNDKnfs94vbrwhJneDi77V6jF64PWPF8x5cdJb8ifgg2DUc9d",
      address: "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu",
    },
    {
      key: "Kxpf5b8p3qX56DKEe5NqWbNUP9MnqoRFzZwHRtsFqhzuvUJsYZCy",
      address: "bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g",
    },
    {
      key: "KxuoxufJL5csa1Wieb2kp29VNdn92Us8CoaUG3aGtPtcF3AzeXvF",
      address: "bc1q8c6fshw2dlwun7ekn9qwf37cu2rn755upcp6el",
    },
  ],
  "BIP-49, test network": [
    { key: "cULrpoZGXiuC19Uhvykx7NugygA3k86b3hmdCeyvHYQZSxojGyXJ", address: "2Mww8dCYPUpKHofjgcXcBCEGmniw9CoaiD2" },
  ],
  "BIP-86": [
    {
      key: "41f41d69260df4cf277826a9b65a3717e4eeddbeedf637f212ca096576479361",
      address: "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr",
    },
    {
      key: "86c68ac0ed7df88cbdd08a847c6d639f87d1234d40503abf3ac178ef7ddc05dd",
      address: "bc1p4qhjn9zdvkux4e44uhx8tc55attvtyu358kutcqkudyccelu0was9fqzwh",
    },
    {
      key: "6ccbca4a02ac648702dde463d9c1b0d328a4df1e068ef9dc2bc788b33a4f0412",
      address: "bc1p3qkhfews2uk44qtvauqyr2ttdsw7svhkl9nkm9s9c3x4ax5h60wqwruhk7",
    },
  ],
  "SEC 1 generator, compressed and not": [
    {
      key: "0000000000000000000000000000000000000000000000000000000000000001",
      address: "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH",
    },
    {
      key: "0000000000000000000000000000000000000000000000000000000000000001",
      address: "1EHNa6Q4Jz2uvNExL497mE43ikXhwF6kZm",
    },
    { key: "5HpHagT65TZzG1PH3CSu63k8DbpvD8s5ip4nEB3kEsreAnchuDf", address: "1EHNa6Q4Jz2uvNExL497mE43ikXhwF6kZm" },
  ],
  "Hardhat, accounts 0 and 1": [
    {
      key: "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
      address: "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
    },
    {
      key: "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
      address: "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
    },
  ],
  "RFC 8032, 7.1, test 1": [
    {
      key: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      address: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    },
  ],
  "Solana, 32 bytes of zeros": [
    {
      key: bytes(`${"00".repeat(32)}3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29`),
      address: "4zvwRjXUKGfvwnParsHAS3HuSVzV5cA4McphgmoCtajS",
    },
  ],
  "SEP-5, test 1": [
    {
      key: "SBGWSG6BTNCKCOB3DIFBGCVMUPQFYPA2G4O34RMTB343OYPXU5DJDVMN",
      address: "GDRXE2BQUC3AZNPVFSCEZ76NJ3WWL25FYFK6RGZGIEKWE4SOOHSUJUJ6",
    },
    {
      key: "SCJGVMJ66WAUHQHNLMWDFGY2E72QKSI3XGSBYV6BANDFUFE7VY4XNXXR",
      address: "GBTVYYDIYWGUQUTKX6ZMLGSZGMTESJYJKJWAATGZGITA25ZB6T5REF44",
    },
  ],
  "ripple-keypairs, api.json": [
    { key: "sp5fghtJtpUorTwvof1NpDXAzNwf5", address: "rU6K7V3Po4snVhBBaU29sesqs2qTQJWDw1" },
    {
      key: "00D78B9735C3F26501C7337B8A5727FD53A6EFDBC6AA55984F098488561F985E23",
      address: "rU6K7V3Po4snVhBBaU29sesqs2qTQJWDw1",
    },
    { key: "sEdSKaCy2JT7JaM7v95H9SxkhP9wS2r", address: "rLUEXYuLiQptky37CqLcm9USQpPiz5rkpD" },
    {
      key: "EDB4C4E046826BD26190D09715FC31F4E6A728204EADD112905B08B14B7F15C4F3",
      address: "rLUEXYuLiQptky37CqLcm9USQpPiz5rkpD",
    },
  ],
  "Sui, SIP-15": [
    {
      key: "suiprivkey1qzwant3kaegmjy4qxex93s0jzvemekkjmyv3r2sjwgnv2y479pgsywhveae",
      address: "0x90f3e6d73b5730f16974f4df1d3441394ebae62186baf83608599f226455afa7",
    },
    {
      key: "suiprivkey1qrh2sjl88rze74hwjndw3l26dqyz63tea5u9frtwcsqhmfk9vxdlx8cpv0g",
      address: "0xfd233cd9a5dd7e577f16fa523427c75fbc382af1583c39fdf1c6747d2ed807a3",
    },
  ],
  "Aptos SDK": [
    {
      key: "0xc5338cd251c22daa8c9c9cc94f498cc8a5c7e1d2e75287a5dda91096fe64efa5",
      address: "0x978c213990c4833df71548df7ce49d54c759d6b6d932de22b24d56060b7af2aa",
    },
  ],
};

/** ERC-55's own examples; no key is known. */
const mixedCase = [
  "0x52908400098527886E0F7030069857D2E4169EE7",
  "0xde709f2102306220921060314715629080e2fb77",
  "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
  "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
];

for (const major of testedMajors) {
  for (const [source, pairs] of Object.entries(vectors))
    test(`the key opens its address as published: ${source} (PostgreSQL ${major})`, async () => {
      const judged = await judgeOn(major, pairs);
      assert.deepEqual(
        judged.map(({ finding }) => finding),
        pairs.map(() => "proven"),
      );
    });

  test(`an address in mixed case is compared without case, and answered in it (PostgreSQL ${major})`, async () => {
    const [hardhat] = vectors["Hardhat, accounts 0 and 1"] as [Pair];
    const address = hardhat.address as string;
    const written = [
      address.toLowerCase(),
      address.toUpperCase().replace("0X", "0x"),
      address.slice(2),
      swapCase(address),
    ];
    const judged = await judgeOn(
      major,
      [...written, ...mixedCase].map((one) => ({ key: hardhat.key, address: one })),
    );
    assert.deepEqual(judged, [
      ...written.map(() => ({ finding: "proven", opens: null })),
      ...mixedCase.map((one) => ({ finding: "mismatch", opens: /[A-F]/.test(one) ? address : address.toLowerCase() })),
    ]);
  });
}

const swapCase = (address: string): string =>
  address.replace(/(?<=..)[a-z]/gi, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  );
