// ECDSA below the seam: the three functions that a provider is made of, deterministic nonces, given nonces.
#include "crypto/ecdsa/ecdsa.h"
#include "crypto/ecdsa/der.h"
#include "crypto/ecdsa/nonce.h"
#include "crypto/nist_curves.h"
#include "crypto/sha2/sha2.h"

#include <set>

namespace bulla::test {
namespace {

using namespace bulla::crypto;

constexpr SignatureAlgorithm algorithms[] = {
    SignatureAlgorithm::ecdsa_sha256, SignatureAlgorithm::ecdsa_sha384, SignatureAlgorithm::ecdsa_sha512};
constexpr KeyType types[] = {KeyType::ec_p256, KeyType::ec_p384, KeyType::ec_p521};

/// Where there is no libcrypto to ask, nothing speaks against it.
bool libcrypto_verifies(const PublicKeyView& key, SignatureAlgorithm algorithm, Bytes message,
                        Bytes signature) {
  VerifyJob job{.key = &key, .algorithm = algorithm, .message = message, .signature = signature};
  if (!witness()) return true;
  witness()->signing.verify({&job, 1});
  return job.ok;
}

PrivateKeyMaterial material_of(KeyType type, Bytes d) {
  PrivateKeyMaterial material{.type = type};
  material.scalar = SecretBytes(d);
  return material;
}

/// r || s, each as long as the field; empty where the bytes are no signature in DER.
ByteVector joined(Bytes signature, size_t size) {
  const auto [r, s] = ecdsa::read_signature(signature);
  if (r.empty()) return {};
  ByteVector out = to_size(to_vector(r), size);
  const ByteVector second = to_size(to_vector(s), size);
  out.insert(out.end(), second.begin(), second.end());
  return out;
}

/// a + b, a byte longer than b; both big-endian.
ByteVector sum(ByteVector a, ByteVector b) {
  const size_t size = b.size() + 1;
  a = to_size(std::move(a), size), b = to_size(std::move(b), size);
  for (size_t i = size, carry = 0; i-- > 0; carry >>= 8) {
    carry += size_t{a[i]} + b[i];
    a[i] = static_cast<uint8_t>(carry & 0xff);
  }
  return a;
}

/// a - b, as long as a.
ByteVector difference(ByteVector a, ByteVector b) {
  b = to_size(std::move(b), a.size());
  size_t borrow = 0;
  for (size_t i = a.size(); i-- > 0;) {
    const size_t digit = size_t{a[i]} + 256 - b[i] - borrow;
    a[i] = static_cast<uint8_t>(digit & 0xff);
    borrow = digit < 256 ? 1 : 0;
  }
  return a;
}

// RFC 6979 §A.2.5, §A.2.6, §A.2.7.
struct Rfc6979 {
  std::string_view curve;
  SignatureAlgorithm algorithm;
  std::string_view message, d, r_s;
};
constexpr Rfc6979 rfc6979[] = {
    {"secp256r1", SignatureAlgorithm::ecdsa_sha256, "sample",
     "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
     "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1b6e29f65"
     "f3e900dbb9aff4064dc4ab2f843acda8"},
    {"secp256r1", SignatureAlgorithm::ecdsa_sha384, "sample",
     "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
     "0eafea039b20e9b42309fb1d89e213057cbf973dc0cfc8f129edddc800ef77194861f0491e6998b9455193e34e7b0d28"
     "4ddd7149a74b95b9261f13abde940954"},
    {"secp256r1", SignatureAlgorithm::ecdsa_sha512, "sample",
     "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
     "8496a60b5e9b47c825488827e0495b0e3fa109ec4568fd3f8d1097678eb97f002362ab1adbe2b8adf9cb9edab740ea60"
     "49c028114f2460f96554f61fae3302fe"},
    {"secp256r1", SignatureAlgorithm::ecdsa_sha256, "test",
     "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
     "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367019f4113742a2b14bd25926b49c64915"
     "5f267e60d3814b4c0cc84250e46f0083"},
    {"secp256r1", SignatureAlgorithm::ecdsa_sha384, "test",
     "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
     "83910e8b48bb0c74244ebdf7f07a1c5413d61472bd941ef3920e623fbccebeb68ddbec54cf8cd5874883841d712142a5"
     "6a8d0f218f5003cb0296b6b509619f2c"},
    {"secp256r1", SignatureAlgorithm::ecdsa_sha512, "test",
     "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
     "461d93f31b6540894788fd206c07cfa0cc35f46fa3c91816fff1040ad1581a0439af9f15de0db8d97e72719c74820d30"
     "4ce5226e32dedae67519e840d1194e55"},
    {"secp384r1", SignatureAlgorithm::ecdsa_sha256, "sample",
     "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5",
     "21b13d1e013c7fa1392d03c5f99af8b30c570c6f98d4ea8e354b63a21d3daa33bde1e888e63355d92fa2b3c36d8fb2cd"
     "f3aa443fb107745bf4bd77cb3891674632068a10ca67e3d45db2266fa7d1feebefdc63eccd1ac42ec0cb8668a4fa0ab0"},
    {"secp384r1", SignatureAlgorithm::ecdsa_sha384, "sample",
     "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5",
     "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46"
     "99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8"},
    {"secp384r1", SignatureAlgorithm::ecdsa_sha512, "sample",
     "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5",
     "ed0959d5880ab2d869ae7f6c2915c6d60f96507f9cb3e047c0046861da4a799cfe30f35cc900056d7c99cd7882433709"
     "512c8cceee3890a84058ce1e22dbc2198f42323ce8aca9135329f03c068e5112dc7cc3ef3446defceb01a45c2667fdd5"},
    {"secp384r1", SignatureAlgorithm::ecdsa_sha256, "test",
     "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5",
     "6d6defac9ab64dabafe36c6bf510352a4cc27001263638e5b16d9bb51d451559f918eedaf2293be5b475cc8f0188636b"
     "2d46f3becbcc523d5f1a1256bf0c9b024d879ba9e838144c8ba6baeb4b53b47d51ab373f9845c0514eefb14024787265"},
    {"secp384r1", SignatureAlgorithm::ecdsa_sha384, "test",
     "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5",
     "8203b63d3c853e8d77227fb377bcf7b7b772e97892a80f36ab775d509d7a5feb0542a7f0812998da8f1dd3ca3cf023db"
     "ddd0760448d42d8a43af45af836fce4de8be06b485e9b61b827c2f13173923e06a739f040649a667bf3b828246baa5a5"},
    {"secp384r1", SignatureAlgorithm::ecdsa_sha512, "test",
     "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5",
     "a0d5d090c9980faf3c2ce57b7ae951d31977dd11c775d314af55f76c676447d06fb6495cd21b4b6e340fc236584fb277"
     "976984e59b4c77b0e8e4460dca3d9f20e07b9bb1f63beefaf576f6b2e8b224634a2092cd3792e0159ad9cee37659c736"},
    {"secp521r1", SignatureAlgorithm::ecdsa_sha256, "sample",
     "00fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75caa896eb32f1f47c70855836a6d16fcc"
     "1466f6d8fbec67db89ec0c08b0e996b83538",
     "01511bb4d675114fe266fc4372b87682baecc01d3cc62cf2303c92b3526012659d16876e25c7c1e57648f23b73564d67"
     "f61c6f14d527d54972810421e7d87589e1a7004a171143a83163d6df460aaf61522695f207a58b95c0644d87e52aa1a3"
     "47916e4f7a72930b1bc06dbe22ce3f58264afd23704cbb63b29b931f7de6c9d949a7ecfc"},
    {"secp521r1", SignatureAlgorithm::ecdsa_sha384, "sample",
     "00fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75caa896eb32f1f47c70855836a6d16fcc"
     "1466f6d8fbec67db89ec0c08b0e996b83538",
     "01ea842a0e17d2de4f92c15315c63ddf72685c18195c2bb95e572b9c5136ca4b4b576ad712a52be9730627d16054ba40"
     "cc0b8d3ff035b12ae75168397f5d50c6745101f21a3cee066e1961025fb048bd5fe2b7924d0cd797babe0a83b66f1e35"
     "eeaf5fde143fa85dc394a7dee766523393784484bdf3e00114a1c857cde1aa203db65d61"},
    {"secp521r1", SignatureAlgorithm::ecdsa_sha512, "sample",
     "00fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75caa896eb32f1f47c70855836a6d16fcc"
     "1466f6d8fbec67db89ec0c08b0e996b83538",
     "00c328fafcbd79dd77850370c46325d987cb525569fb63c5d3bc53950e6d4c5f174e25a1ee9017b5d450606add152b53"
     "4931d7d4e8455cc91f9b15bf05ec36e377fa00617cce7cf5064806c467f678d3b4080d6f1cc50af26ca209417308281b"
     "68af282623eaa63e5b5c0723d8b8c37ff0777b1a20f8ccb1dccc43997f1ee0e44da4a67a"},
    {"secp521r1", SignatureAlgorithm::ecdsa_sha256, "test",
     "00fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75caa896eb32f1f47c70855836a6d16fcc"
     "1466f6d8fbec67db89ec0c08b0e996b83538",
     "000e871c4a14f993c6c7369501900c4bc1e9c7b0b4ba44e04868b30b41d8071042eb28c4c250411d0ce08cd197e4188e"
     "a4876f279f90b3d8d74a3c76e6f1e4656aa800cd52dbaa33b063c3a6cd8058a1fb0a46a4754b034fcc644766ca14da8c"
     "a5ca9fde00e88c1ad60ccba759025299079d7a427ec3cc5b619bfbc828e7769bcd694e86"},
    {"secp521r1", SignatureAlgorithm::ecdsa_sha384, "test",
     "00fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75caa896eb32f1f47c70855836a6d16fcc"
     "1466f6d8fbec67db89ec0c08b0e996b83538",
     "014bee21a18b6d8b3c93fab08d43e739707953244fdbe924fa926d76669e7ac8c89df62ed8975c2d8397a65a49dcc09f"
     "6b0ac62272741924d479354d74ff6075578c0133330865c067a0eaf72362a65e2d7bc4e461e8c8995c3b6226a21bd1aa"
     "78f0ed94fe536a0dca35534f0cd1510c41525d163fe9d74d134881e35141ed5e8e95b979"},
    {"secp521r1", SignatureAlgorithm::ecdsa_sha512, "test",
     "00fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75caa896eb32f1f47c70855836a6d16fcc"
     "1466f6d8fbec67db89ec0c08b0e996b83538",
     "013e99020abf5cee7525d16b69b229652ab6bdf2affcaef38773b4b7d08725f10cdb93482fdcc54edcee91eca4166b2a"
     "7c6265ef0ce2bd7051b7cef945babd47ee6d01fbd0013c674aa79cb39849527916ce301c66ea7ce8b80682786ad60f98"
     "f7e78a19ca69eff5c57400e3b3a0ad66ce0978214d13baf4e9ac60752f7b155e2de4dce3"},
};

TEST(EcdsaKernels, rfc6979) {
  size_t cases = 0;
  for (const Rfc6979& known : rfc6979) {
    const NistCurve curve = *nist_curve(known.curve);
    each_kernel(curve.ecdsa, [&](const EcdsaCurve& kernel) {
      const ByteVector d = from_hex(known.d);
      const HashAlgorithm& hash = *ecdsa::hash_of(known.algorithm);
      const ByteVector signature = ecdsa::sign(kernel, hash, d, as_bytes(known.message), {});
      EXPECT_EQ(to_hex(joined(signature, curve.size)), known.r_s) << known.curve << ' ' << hash.name;
      const ByteVector point = public_point(kernel, d);
      EXPECT_TRUE(verify_ecdsa_vartime({.type = curve.type, .point = point}, known.algorithm,
                                       as_bytes(known.message), signature));
      // §3.6: additional data give another signature, and a good one.
      const ByteVector other = ecdsa::sign(kernel, hash, d, as_bytes(known.message), ByteVector(32, 1));
      EXPECT_NE(other, signature);
      EXPECT_TRUE(libcrypto_verifies({.type = curve.type, .point = point}, known.algorithm,
                                     as_bytes(known.message), other));
    });
    ++cases;
  }
  EXPECT_EQ(cases, 18u);
}

// RFC 6979 §A.1: the order has 163 bits, so that bits are cut off within a byte, and the third candidate is
// the first below it.
TEST(EcdsaKernels, rfc6979_candidates_for_nonces) {
  const ByteVector d = from_hex("009a4d6792295a7f730fc3f2b49cbc0f62e862272f");
  const ByteVector e = from_hex("01795edf0d54db760f156d0dac04c0322b3a204224");
  ecdsa::NonceGenerator nonces(sha256(), 163, d, e, {});
  ByteVector first(21), second(21), third(21);
  nonces.next(first), nonces.next(second), nonces.next(third);
  EXPECT_EQ(to_hex(first), "04982d236f3ffc758838ca6f5e9fea455106af3b2b");
  EXPECT_GT(to_hex(second), "04000000000000000000020108a2e0cc0d99f8a5ef");
  EXPECT_EQ(to_hex(third), "023af4074c90a02b3fe61d286d5c87f425e6bdd81b");
}

TEST(EcdsaKernels, signs_and_verifies_with_libcrypto_as_witness) {
  BULLA_NEED_WITNESS();
  constexpr uint64_t seed = 186;
  SeededRandom random(seed);
  for (const KeyType type : types) {
    for (int i = 0; i < 20; ++i) {
      SCOPED_TRACE(name_of(type) + ", seed " + std::to_string(seed) + ", round " + std::to_string(i));
      const auto material = generate_ecdsa(type, random);
      ASSERT_TRUE(material);
      const auto key = load_ecdsa(*material);
      const auto theirs = witness()->signing.load(*material);
      ASSERT_TRUE(key && theirs);
      EXPECT_EQ((*key)->type(), type);
      EXPECT_EQ(to_vector((*key)->public_key().point), material->point);
      ByteVector message(static_cast<size_t>(i) * 13);
      random.fill(message);
      for (const SignatureAlgorithm algorithm : algorithms) {
        const ByteVector own = sign(**key, algorithm, message, random);
        EXPECT_TRUE(libcrypto_verifies((*key)->public_key(), algorithm, message, own));
        EXPECT_TRUE(verify_ecdsa_vartime((*key)->public_key(), algorithm, message, own));
        const ByteVector other = sign(**theirs, algorithm, message, random);
        EXPECT_TRUE(verify_ecdsa_vartime((*key)->public_key(), algorithm, message, other));
        message.push_back(0);
        EXPECT_FALSE(verify_ecdsa_vartime((*key)->public_key(), algorithm, message, own));
        message.pop_back();
        for (const SignatureAlgorithm wrong : algorithms)
          EXPECT_EQ(verify_ecdsa_vartime((*key)->public_key(), wrong, message, own), wrong == algorithm);
      }
    }
  }
}

/// A source that repeats itself must not repeat a nonce between messages, and a good one varies signatures.
TEST(EcdsaKernels, nonces_are_hedged) {
  for (const KeyType type : types) {
    SeededRandom random(7);
    const auto key = load_ecdsa(generate_ecdsa(type, random).value()).value();
    const auto r_of = [](const ByteVector& signature) {
      return to_vector(ecdsa::read_signature(signature).r);
    };
    std::set<ByteVector> seen;
    for (uint8_t i = 0; i < 20; ++i) {
      FixedRandom stuck({0});
      seen.insert(r_of(sign(*key, SignatureAlgorithm::ecdsa_sha256, ByteVector{i}, stuck)));
      seen.insert(r_of(sign(*key, SignatureAlgorithm::ecdsa_sha256, ByteVector{i}, random)));
      seen.insert(r_of(sign(*key, SignatureAlgorithm::ecdsa_sha384, ByteVector{i}, random)));
    }
    EXPECT_EQ(seen.size(), 60u);
    FixedRandom a({3}), b({3});
    EXPECT_EQ(sign(*key, SignatureAlgorithm::ecdsa_sha256, {}, a),
              sign(*key, SignatureAlgorithm::ecdsa_sha256, {}, b));
  }
}

TEST(EcdsaKernels, keys_of_other_families_are_refused) {
  SeededRandom random(1);
  const ByteVector number(256, 1), point(65, 4), signature = {0x30, 6, 2, 1, 1, 2, 1, 1};
  for (const KeyType type : {KeyType::rsa, KeyType::rsa_pss, KeyType::ed25519}) {
    EXPECT_EQ(load_ecdsa(material_of(type, ByteVector(32, 1))).error().code, ErrorCode::bad_argument);
    EXPECT_EQ(generate_ecdsa(type, random).error().code, ErrorCode::bad_argument);
    EXPECT_FALSE(verify_ecdsa_vartime({.type = type, .modulus = number, .exponent = number, .point = point},
                                      SignatureAlgorithm::ecdsa_sha256, {}, signature));
  }
  const auto key = load_ecdsa(material_of(KeyType::ec_p256, ByteVector(32, 1))).value();
  for (int i = 0; i < 256; ++i) {
    const auto algorithm = static_cast<SignatureAlgorithm>(i);
    const bool fits = ecdsa::hash_of(algorithm) != nullptr;
    EXPECT_EQ(!sign(*key, algorithm, {}, random).empty(), fits);
    EXPECT_EQ(fits,
              std::find(std::begin(algorithms), std::end(algorithms), algorithm) != std::end(algorithms));
  }
  std::vector<SignJob> jobs(3);
  jobs[0].algorithm = jobs[2].algorithm = SignatureAlgorithm::ecdsa_sha512;
  jobs[1].signature = {1, 2, 3};
  key->sign(random, jobs);
  EXPECT_TRUE(jobs[0].ok && jobs[2].ok);
  EXPECT_FALSE(jobs[1].ok);
  EXPECT_TRUE(jobs[1].signature.empty());
}

TEST(EcdsaKernels, private_keys_that_contradict_are_refused) {
  SeededRandom random(9);
  for (const NistCurve& curve : nist_curves()) {
    SCOPED_TRACE(curve.name);
    const auto refused = [](const PrivateKeyMaterial& material) {
      const auto key = load_ecdsa(material);
      return !key && key.error().code == ErrorCode::private_key_inconsistent &&
             key.error().detail.find(name_of(material.type)) != std::string::npos;
    };
    const ByteVector order = order_of(curve);
    for (const ByteVector& d :
         {ByteVector(), ByteVector(curve.size), order, plus(order, 1), ByteVector(curve.size, 0xff),
          ByteVector(curve.size - 1, 1), ByteVector(curve.size + 1, 1)})
      EXPECT_TRUE(refused(material_of(curve.type, d))) << to_hex(d);
    for (const ByteVector& d : {to_size({1}, curve.size), plus(order, -1)}) {
      const auto key = load_ecdsa(material_of(curve.type, d));
      ASSERT_TRUE(key);
      const ByteVector signature = sign(**key, SignatureAlgorithm::ecdsa_sha256, {}, random);
      EXPECT_TRUE(libcrypto_verifies((*key)->public_key(), SignatureAlgorithm::ecdsa_sha256, {}, signature));
    }
    const auto good = generate_ecdsa(curve.type, random).value();
    const ByteVector point = good.point;
    const auto with_point = [&](ByteVector bytes) {
      PrivateKeyMaterial material = material_of(curve.type, good.scalar.reveal());
      material.point = std::move(bytes);
      return material;
    };
    EXPECT_TRUE(load_ecdsa(with_point({})));
    EXPECT_TRUE(load_ecdsa(with_point(point)));
    ByteVector compressed(point.begin(), point.begin() + 1 + static_cast<ptrdiff_t>(curve.size));
    compressed[0] = static_cast<uint8_t>(2 + (point.back() & 1));
    EXPECT_TRUE(load_ecdsa(with_point(compressed)));
    compressed[0] ^= 1;
    EXPECT_TRUE(refused(with_point(compressed)));
    for (size_t i = 0; i < point.size(); ++i) {
      ByteVector off = point;
      off[i] ^= 1;
      EXPECT_TRUE(refused(with_point(off))) << i;
    }
    for (const size_t size : {size_t{1}, size_t{2}, point.size() - 1, point.size() + 1}) {
      ByteVector cut = point;
      cut.resize(size);
      EXPECT_TRUE(refused(with_point(cut))) << size;
    }
  }
}

// FIPS 186-5 §6.4.2 steps 1 and 2, and public keys that are none (step 0, by SP 800-186 §D.1.1).
TEST(EcdsaKernels, numbers_and_points_out_of_range_verify_nothing) {
  SeededRandom random(11);
  for (const NistCurve& curve : nist_curves()) {
    SCOPED_TRACE(curve.name);
    const auto key = load_ecdsa(generate_ecdsa(curve.type, random).value()).value();
    const PublicKeyView view = key->public_key();
    const auto algorithm = SignatureAlgorithm::ecdsa_sha256;
    const ByteVector good = sign(*key, algorithm, {}, random);
    const auto [r, s] = ecdsa::read_signature(good);
    const ByteVector order = order_of(curve);
    ASSERT_TRUE(verify_ecdsa_vartime(view, algorithm, {}, ecdsa::write_signature(r, s)));
    const auto plus_order = [&](Bytes number) { return sum(to_vector(number), order); };
    for (const ByteVector& bad :
         {order, plus(order, 1), plus(order, -1), ByteVector{1}, plus_order(r), plus_order(s),
          ByteVector(curve.size, 0xff), ByteVector(curve.size + 1, 0x7f)}) {
      EXPECT_FALSE(verify_ecdsa_vartime(view, algorithm, {}, ecdsa::write_signature(bad, s))) << to_hex(bad);
      EXPECT_FALSE(verify_ecdsa_vartime(view, algorithm, {}, ecdsa::write_signature(r, bad))) << to_hex(bad);
      EXPECT_FALSE(verify_ecdsa_vartime(view, algorithm, {}, ecdsa::write_signature(bad, bad)))
          << to_hex(bad);
    }
    EXPECT_FALSE(verify_ecdsa_vartime(view, algorithm, {}, ecdsa::write_signature(s, r)));
    // n - s is as good as s: ECDSA is malleable, and libcrypto takes it, too.
    const ByteVector negative = difference(order, to_vector(s));
    EXPECT_TRUE(verify_ecdsa_vartime(view, algorithm, {}, ecdsa::write_signature(r, negative)));
    EXPECT_TRUE(libcrypto_verifies(view, algorithm, {}, ecdsa::write_signature(r, negative)));

    const ByteVector point = to_vector(view.point);
    for (size_t i = 0; i < point.size(); ++i) {
      ByteVector off = point;
      off[i] ^= 1;
      EXPECT_FALSE(verify_ecdsa_vartime({.type = curve.type, .point = off}, algorithm, {}, good)) << i;
    }
    for (size_t size = 0; size < point.size(); ++size)
      EXPECT_FALSE(
          verify_ecdsa_vartime({.type = curve.type, .point = Bytes(point).first(size)}, algorithm, {}, good));
    ByteVector large = point;
    std::fill(large.begin() + 1, large.end(), uint8_t{0xff});
    EXPECT_FALSE(verify_ecdsa_vartime({.type = curve.type, .point = large}, algorithm, {}, good));
    for (const KeyType other : types) {
      EXPECT_EQ(verify_ecdsa_vartime({.type = other, .point = point}, algorithm, {}, good),
                other == curve.type);
    }
  }
}

/// With e = 0 and a point chosen for it, u·G is infinite; with others the two products are equal or opposite.
TEST(EcdsaKernels, verification_at_the_exceptional_cases_of_addition) {
  for (const NistCurve& curve : nist_curves()) {
    each_kernel(curve.ecdsa, [&](const EcdsaCurve& kernel) {
      const ByteVector zero(curve.size), one = to_size({1}, curve.size), order = order_of(curve);
      const ByteVector g = public_point(kernel, one), minus_g = public_point(kernel, plus(order, -1));
      const auto x_of = [&](const ByteVector& point) {
        return ByteVector(point.begin() + 1, point.begin() + 1 + static_cast<ptrdiff_t>(curve.size));
      };
      // The x of G and of 2G are below n on all three curves.
      const ByteVector gx = x_of(g), two_gx = x_of(public_point(kernel, to_size({2}, curve.size)));
      // e = 0, s = r: v = 1, so that the sum is the key itself.
      EXPECT_TRUE(kernel.verify_vartime(g, zero, gx, gx));
      EXPECT_TRUE(kernel.verify_vartime(minus_g, zero, gx, gx));
      EXPECT_FALSE(kernel.verify_vartime(g, zero, two_gx, two_gx));
      // e = r = s: u = v = 1: G + G, and G - G.
      EXPECT_TRUE(kernel.verify_vartime(g, two_gx, two_gx, two_gx));
      EXPECT_FALSE(kernel.verify_vartime(minus_g, two_gx, two_gx, two_gx));
      EXPECT_FALSE(kernel.verify_vartime(g, gx, gx, gx));
      for (const ByteVector& bad : {zero, order, plus(order, 1)}) {
        EXPECT_FALSE(kernel.verify_vartime(g, zero, bad, gx));
        EXPECT_FALSE(kernel.verify_vartime(g, zero, gx, bad));
      }
    });
  }
}

TEST(EcdsaKernels, nonces_and_keys_out_of_range_do_not_sign) {
  for (const NistCurve& curve : nist_curves()) {
    const ByteVector one = to_size({1}, curve.size), order = order_of(curve);
    each_kernel(curve.ecdsa, [&](const EcdsaCurve& kernel) {
      ByteVector r(curve.size), s(curve.size);
      EXPECT_TRUE(kernel.sign_one(one, one, one, r, s));
      for (const ByteVector& bad :
           {ByteVector(curve.size), order, plus(order, 1), ByteVector(curve.size, 0xff), ByteVector(),
            ByteVector(curve.size + 1, 1)}) {
        EXPECT_FALSE(kernel.sign_one(bad, one, one, r, s));
        EXPECT_FALSE(kernel.sign_one(one, bad, one, r, s));
      }
      // With k = 1, r = x(G); e = -r·d makes s = 0.
      EXPECT_TRUE(kernel.sign_one(one, one, one, r, s));
      const ByteVector e = difference(order, r);
      EXPECT_FALSE(kernel.sign_one(one, one, e, r, s)) << "s = 0";
      EXPECT_TRUE(ecdsa::sign(kernel, sha256(), ByteVector(curve.size), {}, {}).empty());
    });
  }
}

// RFC 3279 §2.2.3, X.690 §8.3, §10.1.
TEST(EcdsaDer, only_the_shortest_form_of_two_positive_numbers) {
  const auto readable = [](std::string_view hex) {
    const ByteVector der = from_hex(hex);
    const auto [r, s] = ecdsa::read_signature(der);
    EXPECT_EQ(r.empty(), s.empty());
    return !r.empty();
  };
  EXPECT_TRUE(readable("3006020101020101"));
  EXPECT_TRUE(readable("30080202008002020080"));
  for (const char* bad : {"",
                          "30",
                          "3000",
                          "3006",
                          "300602010102",
                          "30060201010201",
                          "300602010102010100",
                          "3007020101020101",
                          "300702010102010100",
                          "3005020101020101",
                          "308106020101020101",
                          "30820006020101020101",
                          "30800201010201010000",
                          "3106020101020101",
                          "3006030101020101",
                          "3006020101030101",
                          "3006020100020101",
                          "3006020101020100",
                          "300602018002017f",
                          "300602017f020180",
                          "300702020001020101",
                          "300702010102020001",
                          "30050200020101",
                          "30050201010200",
                          "3007020101020101",
                          "3008020101020101 0500",
                          "3003020101",
                          "300702810101020101",
                          "3009020101020101020101",
                          "3081060201010201 01",
                          "30ff020101020101",
                          "04020101"})
    EXPECT_FALSE(readable(bad)) << bad;
}

TEST(EcdsaDer, every_cut_and_every_flipped_bit_of_a_long_signature) {
  SeededRandom random(3);
  ByteVector r(66), s(66);
  random.fill(r), random.fill(s);
  r[0] = s[0] = 1;
  const ByteVector der = ecdsa::write_signature(r, s);
  EXPECT_EQ(der[1], 0x81) << "a body of more than 127 bytes";
  EXPECT_EQ(to_vector(ecdsa::read_signature(der).r), r);
  EXPECT_EQ(to_vector(ecdsa::read_signature(der).s), s);
  for (size_t size = 0; size < der.size(); ++size)
    EXPECT_TRUE(ecdsa::read_signature(Bytes(der).first(size)).r.empty()) << size;
  for (size_t bit = 0; bit < 8 * der.size(); ++bit) {
    ByteVector other = der;
    other[bit / 8] ^= static_cast<uint8_t>(1 << (bit % 8));
    // What is still readable is written in the same way.
    const auto numbers = ecdsa::read_signature(other);
    if (!numbers.r.empty()) {
      EXPECT_EQ(ecdsa::write_signature(numbers.r, numbers.s), other) << bit;
    }
  }
}

TEST(EcdsaDer, numbers_are_written_in_their_shortest_form) {
  EXPECT_EQ(to_hex(ecdsa::write_signature(from_hex("0000000001"), from_hex("7f"))), "300602010102017f");
  EXPECT_EQ(to_hex(ecdsa::write_signature(from_hex("0080"), from_hex("ff00"))), "300902020080020300ff00");
}

}  // namespace
}  // namespace bulla::test
