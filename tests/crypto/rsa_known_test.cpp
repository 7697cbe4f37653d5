// Answers that are known without the folder of vectors: wycheproof's rsa_pkcs1_2048_sig_gen tcId 84 and
// rsa_pss_2048_sha256_mgf1_32 tcId 2.
#include "crypto/rsa_material.h"
#include "support/vectors.h"

#include <bulla/certificate.h>

namespace bulla::test {
namespace {

constexpr std::string_view private_key =
    "308204bd020100300d06092a864886f70d0101010500048204a7308204a30201000282010100a2b451a07d0aa5f96e455671"
    "513550514a8a5b462ebef717094fa1fee82224e637f9746d3f7cafd31878d80325b6ef5a1700f65903b469429e89d6eac884"
    "5097b5ab393189db92512ed8a7711a1253facd20f79c15e8247f3d3e42e46e48c98e254a2fe9765313a03eff8f17e1a02939"
    "7a1fa26a8dce26f490ed81299615d9814c22da610428e09c7d9658594266f5c021d0fceca08d945a12be82de4d1ece6b4c03"
    "145b5d3495d4ed5411eb878daf05fd7afc3e09ada0f1126422f590975a1969816f48698bcbba1b4d9cae79d460d8f9f85e79"
    "75005d9bc22c4e5ac0f7c1a45d12569a62807d3b9a02e5a530e773066f453d1f5b4c2e9cf7820283f742b9d5020301000102"
    "8201007627eef3567b2a27268e52053ecd31c3a7172ccb9ddcee819b306a5b3c66b7573ca4fa88efc6f3c4a00bfa0ae7139f"
    "64543a4dac3d05823f6ff477cfcec84fe2ac7a68b17204b390232e110310c4e899c4e7c10967db4acde042dbbf19dbe00b4b"
    "4741de1020aaaaffb5054c797c9f136f7d93ac3fc8caff6654242d7821ebee517bf537f44366a0fdd45ae05b9909c2e6cc1e"
    "d9281eff4399f76c96b96233ec29ae0bbf0d752b234fc197389f51050aa1acd01c074c3ac8fbdb9ea8b651a95995e8db4ad5"
    "c43b6c8673e5a126e7ee94b8dff4c5afc01259bc8da76950bae6f8bae715f50985b0d6f66d04c6fef3b700720eecdcdf171b"
    "b7b1ecbe7289c467c102818100dc431050f782e894fb5248247d98cb7d58b8d1e24f3b55d041c56e4de086b0d5bb028bda42"
    "eeb5d234d5681e5809d415e6a289ad4cfbf78f978f6c35814f50eebff1c5b80a69f788e81e6bab5ddaa78369d659d143ec6f"
    "17e79813a575cfad9c569156b90113e2e9110ad9e7b48a1c9348a6e653321191290ea36cfb3a5b18f102818100bd1a81e797"
    "7f9898122273ae3222b598ea5fb19eb4eabc38308a5e32196603b2e500ffb79f5b886816611debc472fac45544070beb057c"
    "941378a6868af3b7a03d3f9880ec47d5e089b94fbde542aba9ae8d72c57088d7abf5b131f39098f7bc160f90536abc9492fd"
    "4e06f3ed7299d4b97bb03677207d95669f140cfbc20f2502818100a94b528b28f291599121d91952ffd1c7f21d7c1479d99d"
    "478885fb161870ee1218bf08472612dbe5497e8d9c650688e09c786961ae3e2c354dc48ae34514759c4c23c4588488961dc0"
    "6b414e61c0e1e7fbbd2923d31532fe289f96da220711e58c14019808e00414276933bb07e4efb9b4a9b37656917205209f33"
    "f09515d7c10281803af0e72a933aef09ff2503df78bafed531c02ff1a2bc437c540cdcbd4ad35435cf511763596543480629"
    "b114ca7f780ff7efa32ea0cb6e000d6d9ea1f2ef71fd9cf9948422a165557e37e755edfe70d90b920502eb478bc98a63f788"
    "ce3a0f856d6ede7251a383bfa8fa480a81a925af7b3cc538c4bab8c9f7597ffb68011d8d0281802640fbfbcfefb163ee7a87"
    "b6483a66ee41f956d90fa8a7939bfc042ee0924b1b7993d0445f758d51933e85179c0320b0c968b48a91c38b5be923e1097c"
    "0c562f88d42294b6a2759bafa5428a74f1270874e45f6fcc60f21602de5eccd143cf31241f5921b5ad3983fb54ef17be3b28"
    "5367e50c999c67247b552fe4bfce945f7b";
constexpr std::string_view pkcs1_message = "313233343030";
constexpr std::string_view pkcs1_signature =
    "1758eb94588e6fc4f50c1be1afcaa41027869f304cad513b1fb12c2f446d63cdc05c4830a7e3e630da7b2da4f7867cc173bf"
    "6420f9732277282596de41ded32e21d0cc31441174da8765f57419c7764ea758f55bc17646eb100c435d1ac0eed6fc7ba6de"
    "5f832094ee2f479979765e05ac9976788db3c241a9e32a0da864f0019a87646ba623d63f4411af5dee1be9ec488c7e3e1b23"
    "1479de70b9ac5f78a17b1f4120aece45f26c07e7bb345fdfeb05e14bcaacc614672a465fc523624cb19f66f9c6c3f642b832"
    "ca44cb25176d679f0e05606c3fed022cac24c2bf960a406d48818e3eb7ed53b0446032469047dfed95fc18088c92d91d9372"
    "2c47f88163a8";
constexpr std::string_view pss_modulus =
    "a2b451a07d0aa5f96e455671513550514a8a5b462ebef717094fa1fee82224e637f9746d3f7cafd31878d80325b6ef5a1700"
    "f65903b469429e89d6eac8845097b5ab393189db92512ed8a7711a1253facd20f79c15e8247f3d3e42e46e48c98e254a2fe9"
    "765313a03eff8f17e1a029397a1fa26a8dce26f490ed81299615d9814c22da610428e09c7d9658594266f5c021d0fceca08d"
    "945a12be82de4d1ece6b4c03145b5d3495d4ed5411eb878daf05fd7afc3e09ada0f1126422f590975a1969816f48698bcbba"
    "1b4d9cae79d460d8f9f85e7975005d9bc22c4e5ac0f7c1a45d12569a62807d3b9a02e5a530e773066f453d1f5b4c2e9cf782"
    "0283f742b9d5";
constexpr std::string_view pss_message = "0000000000000000000000000000000000000000";
constexpr std::string_view pss_signature =
    "0658c68fe0895646056d9bca422a64fe48813b4e14f0c8c4122e56d345b6813dc6286ffde014617e351c7af0a0d2c0f285de"
    "f79cb734e1e055a25fa6fddc1c07da17b4b235c637413b1849c24311fa72331f4c0458c364a4916de8619b884d7e37288fad"
    "12926fc091f4851686a04fd0a504dbce3db370663a6ea6128fea86c2ca94c63e0d34d7f2c845b5d71d9a5e544451f524a451"
    "acb85c49bba7864e0a34a48613a819caf3dfd0d510c940f1df21c3373915be1f3509a557fa4d5a4e9f273e85467961133e24"
    "82c0907386454228fb0246638616fc31bbb6fa7c2361b8035994eec69a923f4c0bb0ba8696dfe8b1400c2398d7b343fdf498"
    "b1116c8de602";

TEST(RsaKnown, pkcs1_sha256) {
  const auto material = parse_private_key(from_hex(private_key), {});
  ASSERT_TRUE(material);
  const ByteVector message = from_hex(pkcs1_message), expected = from_hex(pkcs1_signature);
  for (const auto& kernel : crypto::bignum::montgomery_kernels()) {
    if (!kernel.runs_on(crypto::cpu_word())) continue;
    const auto key = crypto::rsa::load(*material, *kernel.algorithm);
    ASSERT_TRUE(key) << kernel.name;
    EXPECT_EQ(sign(**key, SignatureAlgorithm::rsa_pkcs1_sha256, message), expected) << kernel.name;
    for (size_t i = 0; i <= expected.size(); ++i) {
      ByteVector signature = expected;
      if (i < expected.size()) signature[i] ^= 0x10;
      EXPECT_EQ(crypto::rsa::verify_vartime((*key)->public_key(), SignatureAlgorithm::rsa_pkcs1_sha256,
                                            message, signature, *kernel.algorithm),
                i == expected.size());
    }
  }
}

TEST(RsaKnown, pss_sha256) {
  const ByteVector modulus = from_hex(pss_modulus), exponent = from_hex("010001");
  ASSERT_EQ(modulus.size(), 256u);
  const PublicKeyView key{.type = KeyType::rsa_pss, .modulus = modulus, .exponent = exponent};
  const ByteVector message = from_hex(pss_message), expected = from_hex(pss_signature);
  for (size_t i = 0; i <= expected.size(); ++i) {
    ByteVector signature = expected;
    if (i < expected.size()) signature[i] ^= 0x10;
    EXPECT_EQ(verify_with(builtin_provider(), key, SignatureAlgorithm::rsa_pss_sha256, message, signature),
              i == expected.size());
    EXPECT_FALSE(
        verify_with(builtin_provider(), key, SignatureAlgorithm::rsa_pkcs1_sha256, message, signature));
  }
}

}  // namespace
}  // namespace bulla::test
