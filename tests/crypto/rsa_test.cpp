// RSA of our own: forged encodings, signatures out of range, public keys that are none, faults.
#include "crypto/rsa_material.h"
#include "support/vectors.h"

namespace bulla::test {
namespace {

using crypto::rsa::load_private_key;
using crypto::rsa::private_operation;
using crypto::rsa::PrivateKey;
using enum SignatureAlgorithm;

class Rsa : public testing::Test {
 protected:
  const PrivateKeyMaterial& material_ = key_of_bits(2048);
  PrivateKey key_ = load_private_key(material_).value();
  PublicKeyView view_{.type = KeyType::rsa, .modulus = material_.modulus, .exponent = material_.exponent};
  const ByteVector message_ = {1, 2, 3};
  const size_t size_ = material_.modulus.size();

  ByteVector digest(SignatureAlgorithm algorithm = rsa_pkcs1_sha256) const {
    return to_vector(crypto::rsa::digest_of(algorithm, message_).view());
  }
  /// Whether a signature of this encoding verifies; both providers must agree.
  bool verifies(const ByteVector& encoded, SignatureAlgorithm algorithm = rsa_pkcs1_sha256) const {
    const ByteVector signature = raw_signature(key_, encoded);
    EXPECT_EQ(signature.size(), size_);
    return verifies_signature(signature, algorithm);
  }
  bool verifies_signature(const ByteVector& signature, SignatureAlgorithm algorithm) const {
    return verified_by_all(view_, algorithm, message_, signature);
  }
  /// 00 01 ff ... ff 00 and the rest.
  ByteVector padded(const ByteVector& rest) const {
    ByteVector out(size_ - rest.size(), 0xff);
    out[0] = 0, out[1] = 1, out.back() = 0;
    out.insert(out.end(), rest.begin(), rest.end());
    return out;
  }
};

ByteVector joined(std::initializer_list<ByteVector> parts) {
  ByteVector out;
  for (const ByteVector& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

const ByteVector info_sha256 = from_hex("3031300d060960864801650304020105000420");

TEST_F(Rsa, pkcs1_the_one_encoding_verifies) {
  EXPECT_TRUE(verifies(padded(joined({info_sha256, digest()}))));
}

// RFC 8017 §8.2.2 note, Bleichenbacher's forgery of 2006 and its heirs: whatever is not the encoding, byte
// for byte, is refused.
TEST_F(Rsa, pkcs1_other_encodings_are_refused) {
  const ByteVector d = digest();
  const auto refused = [&](const ByteVector& encoded, const char* what) {
    ASSERT_EQ(encoded.size(), size_) << what;
    EXPECT_FALSE(verifies(encoded)) << what;
  };
  ByteVector good = padded(joined({info_sha256, d}));
  for (const size_t i : {size_t{0}, size_t{1}, size_t{2}, size_t{100}, size_ - 52, size_ - 51, size_ - 33,
                         size_ - 32, size_ - 1}) {
    ByteVector e = good;
    e[i] ^= 1;
    if (i == 0) continue;  // that number is above the modulus
    refused(e, "a bit is flipped");
  }
  // Garbage behind the digest, the padding that much shorter.
  for (const size_t garbage : {size_t{1}, size_t{8}, size_ - 64}) {
    ByteVector e = padded(joined({info_sha256, d, ByteVector(garbage, 0xa5)}));
    refused(e, "garbage behind the digest");
  }
  ByteVector e = joined({{0, 1}, ByteVector(8, 0xff), {0}, info_sha256, d});
  e.resize(size_, 0);
  refused(e, "short padding, zeros at the end");
  e = joined({{0, 1, 0}, info_sha256, d});
  e.insert(e.begin(), size_ - e.size(), 0);
  refused(e, "no padding");
  e = good, e[1] = 2;
  refused(e, "block type 2");
  e = good, e[1] = 0;
  refused(e, "block type 0");
  e = good, e[20] = 0;
  refused(e, "a zero within the padding");
  e = good, e[20] = 0xfe;
  refused(e, "padding that is not ff");
  refused(padded(joined({from_hex("302f300b0609608648016503040201"), {0x04, 0x20}, d})), "no NULL");
  refused(padded(joined({from_hex("3031300d06096086480165030402010500"),
                         {0x04, 0x1f},
                         ByteVector(d.begin(), d.end() - 1),
                         {0}})),
          "a digest too short");
  refused(padded(joined({from_hex("308131300d060960864801650304020105000420"), d})), "long form of 49");
  refused(padded(joined({from_hex("3032300d06096086480165030402010500048120"), d})), "long form of 32");
  refused(padded(joined({from_hex("3033300f06096086480165030402010502000004"), {0x20}, d})),
          "parameters that are no NULL");
  refused(padded(joined({from_hex("3080300d060960864801650304020105000420"), d, {0, 0}})),
          "indefinite length");
  refused(padded(joined({from_hex("3041300d060960864801650304020205000430"), d, ByteVector(16, 0)})),
          "another hash's identifier");
  refused(padded(d), "the digest alone");
  // BERserk (CVE-2014-1568): the length in many bytes, garbage where a lax parser skips.
  refused(
      padded(joined({from_hex("3031300d060960864801650304020105000488"), ByteVector(7, 0x11), {0x20}, d})),
      "a length of eight bytes");
}

// With e = 3 nobody needs the key for an encoding that begins well: the cube root of a number will do.
TEST_F(Rsa, pkcs1_a_cube_root_is_no_signature) {
  ByteVector start = joined({{0, 1}, ByteVector(8, 0xff), {0}, info_sha256, digest()});
  start.resize(384, 0);
  const SimpleNumber wanted = SimpleNumber::of_bytes(start);
  SimpleNumber root;
  for (size_t bit = 384 * 8 / 3; bit-- > 0;) {
    const SimpleNumber next = root + SimpleNumber::power_of_two(bit);
    if (next * next * next < wanted) root = next;
  }
  root = root + 1;
  const ByteVector modulus = key_of_bits(3072).modulus, three = {3};
  const ByteVector forged = to_size(root.bytes(), 384);
  ByteVector cube(384);
  ASSERT_TRUE(crypto::rsa::public_operation_vartime(modulus, three, forged, cube));
  ASSERT_TRUE(std::equal(cube.begin(), cube.begin() + 62, start.begin())) << "the forgery is none";
  const PublicKeyView key{.type = KeyType::rsa, .modulus = modulus, .exponent = three};
  for (const SignatureAlgorithm algorithm : rsa_algorithms)
    EXPECT_FALSE(verified_by_all(key, algorithm, message_, forged));
}

/// A PSS encoding with a salt of any length and with every part altered at will (RFC 8017 §9.1.1).
struct Pss {
  ByteVector salt;
  uint8_t separator = 1, trailer = 0xbc, first = 0;  // `first`: XORed onto the first byte at the end
  ByteVector front = {};                             // instead of the first zeros
};

ByteVector encode(const Pss& p, Bytes digest, size_t size) {
  const HashAlgorithm& hash = crypto::rsa::hash_of(rsa_pss_sha256);
  HashContext context(hash);
  context.update(ByteVector(8));
  context.update(digest);
  context.update(p.salt);
  ByteVector h(hash.digest_size), db(size - h.size() - 1);
  context.finish(h);
  std::copy(p.front.begin(), p.front.end(), db.begin());
  db[db.size() - p.salt.size() - 1] = p.separator;
  std::copy(p.salt.begin(), p.salt.end(), db.end() - static_cast<ptrdiff_t>(p.salt.size()));
  crypto::rsa::mgf1_xor(hash, h, db);
  db[0] = static_cast<uint8_t>((db[0] & 0x7f) ^ p.first);
  return joined({db, h, {p.trailer}});
}

TEST_F(Rsa, pss_other_encodings_are_refused) {
  const ByteVector d = digest(), salt(32, 0x77);
  const auto ok = [&](const Pss& p) { return verifies(encode(p, d, size_), rsa_pss_sha256); };
  EXPECT_TRUE(ok({.salt = salt}));
  EXPECT_TRUE(ok({.salt = ByteVector(32, 0)}));
  EXPECT_TRUE(ok({.salt = ByteVector(32, 1)})) << "the separator is found by its place, not by its value";
  for (const size_t other : {0u, 1u, 20u, 31u, 33u, 64u, 222u})
    EXPECT_FALSE(ok({.salt = ByteVector(other, 0x77)})) << "salt of " << other;
  for (const uint8_t separator : ByteVector{0x00, 0x02, 0x81, 0xff})
    EXPECT_FALSE(ok({.salt = salt, .separator = separator}));
  for (const uint8_t trailer : ByteVector{0x00, 0xcc, 0xbd, 0x3c})
    EXPECT_FALSE(ok({.salt = salt, .trailer = trailer}));
  EXPECT_FALSE(ok({.salt = salt, .front = {0, 1}})) << "zeros that are none";
  EXPECT_FALSE(ok({.salt = salt, .front = {0x40}}));
  ByteVector late(190);
  late.back() = 1;
  EXPECT_FALSE(ok({.salt = salt, .front = late}));
  EXPECT_FALSE(ok({.salt = joined({{1}, ByteVector(32, 5)})})) << "a separator too early";
  // The bit above the encoding's highest. The number must stay below the modulus, so some salts are tried.
  for (int i = 0; i < 300; ++i) {
    const ByteVector encoded =
        encode({.salt = ByteVector(32, static_cast<uint8_t>(i)), .first = 0x80}, d, size_);
    if (!(SimpleNumber::of_bytes(encoded) < SimpleNumber::of_bytes(material_.modulus))) continue;
    EXPECT_FALSE(verifies(encoded, rsa_pss_sha256));
    break;
  }
  // Another hash within.
  const ByteVector encoded = encode({.salt = salt}, d, size_);
  for (const SignatureAlgorithm algorithm : rsa_algorithms)
    EXPECT_EQ(verifies(encoded, algorithm), algorithm == rsa_pss_sha256);
}

// RFC 8017 §5.2.2 step 1, §8.1.2 step 1.
TEST_F(Rsa, signatures_out_of_range_or_of_another_length_are_refused) {
  const auto key = crypto::rsa::load(material_, crypto::bignum::montgomery()).value();
  const SimpleNumber n = SimpleNumber::of_bytes(material_.modulus);
  bool above = false, shorter = false;
  for (uint32_t i = 0; i < 3000 && !(above && shorter); ++i) {
    const ByteVector message = {1, static_cast<uint8_t>(i), static_cast<uint8_t>(i >> 8)};
    const ByteVector signature = sign(*key, rsa_pkcs1_sha256, message);
    const auto ok = [&](const ByteVector& s) { return verified_by_all(view_, rsa_pkcs1_sha256, message, s); };
    const ByteVector sum = (SimpleNumber::of_bytes(signature) + n).bytes();
    if (!above && sum.size() == size_) {
      EXPECT_FALSE(ok(sum)) << "s + n";
      above = true;
    }
    if (!shorter && signature[0] == 0) {
      EXPECT_TRUE(ok(signature));
      EXPECT_FALSE(ok(ByteVector(signature.begin() + 1, signature.end()))) << "without its leading zero";
      shorter = true;
    }
  }
  EXPECT_TRUE(above && shorter);
  const ByteVector good = sign(*key, rsa_pkcs1_sha256, message_);
  for (const SignatureAlgorithm algorithm : rsa_algorithms) {
    EXPECT_FALSE(verifies_signature(n.bytes(), algorithm));
    EXPECT_FALSE(verifies_signature((n - 1).bytes(), algorithm));
    EXPECT_FALSE(verifies_signature(ByteVector(size_), algorithm));
    EXPECT_FALSE(verifies_signature(to_size({1}, size_), algorithm));
    EXPECT_FALSE(verifies_signature(ByteVector(size_, 0xff), algorithm));
    EXPECT_FALSE(verifies_signature({}, algorithm));
    EXPECT_FALSE(verifies_signature(joined({{0}, good}), algorithm));
    EXPECT_FALSE(verifies_signature(joined({good, {0}}), algorithm));
    EXPECT_FALSE(verifies_signature(ByteVector(5000, 1), algorithm));
  }
}

// FIPS 186-5 §A.1.1; with e = 1 every encoding is its own signature.
TEST_F(Rsa, public_keys_that_are_none_verify_nothing) {
  const ByteVector encoded = padded(joined({info_sha256, digest()}));
  const auto ok = [&](const ByteVector& modulus, const ByteVector& exponent, const ByteVector& signature) {
    const PublicKeyView key{.type = KeyType::rsa, .modulus = modulus, .exponent = exponent};
    return verified_by_all(key, rsa_pkcs1_sha256, message_, signature);
  };
  const ByteVector good = raw_signature(key_, encoded);
  const ByteVector& n = material_.modulus;
  const ByteVector& e = material_.exponent;
  EXPECT_TRUE(ok(n, e, good));
  EXPECT_FALSE(ok(n, {1}, encoded)) << "e = 1";
  EXPECT_FALSE(ok(n, {}, encoded));
  EXPECT_FALSE(ok(n, {0}, encoded));
  EXPECT_FALSE(ok(n, {2}, good));
  EXPECT_FALSE(ok(n, {1, 0, 0}, good));
  EXPECT_FALSE(ok(n, {0, 1, 0, 1}, good)) << "a leading zero";
  EXPECT_FALSE(ok(n, ByteVector(33, 0xff), good));
  EXPECT_FALSE(ok(n, ByteVector(32, 0xff), good)) << "a long exponent is allowed, but not this key's";
  EXPECT_FALSE(ok(joined({{0}, n}), e, joined({{0}, good})));
  ByteVector even = n;
  even.back() ^= 1;
  EXPECT_FALSE(ok(even, e, good));
  EXPECT_FALSE(ok({}, e, {}));
  EXPECT_FALSE(ok({0}, e, {0}));
  EXPECT_FALSE(ok({1}, e, {0}));
  EXPECT_FALSE(ok({3}, e, {1}));
  EXPECT_FALSE(ok(ByteVector(127, 0xff), e, ByteVector(127)));
  ByteVector bits1023(128, 0xff);
  bits1023[0] = 0x7f;
  EXPECT_FALSE(ok(bits1023, e, ByteVector(128)));
  EXPECT_FALSE(ok(ByteVector(1025, 0xff), e, ByteVector(1025)));
  EXPECT_FALSE(ok(ByteVector(100000, 0xff), e, ByteVector(100000)));
}

// Boneh, DeMillo, Lipton 1997: one faulty half would give the other's prime away.
TEST_F(Rsa, a_fault_in_one_half_releases_nothing) {
  const ByteVector encoded = padded(joined({info_sha256, digest()}));
  Random& random = *builtin_provider().random;
  ByteVector signature(size_);
  ASSERT_TRUE(private_operation(key_, random, encoded, signature));
  ASSERT_TRUE(verifies_signature(signature, rsa_pkcs1_sha256));
  const auto released = [&] {
    std::fill(signature.begin(), signature.end(), uint8_t{0xee});
    const bool ok = private_operation(key_, random, encoded, signature);
    EXPECT_EQ(std::all_of(signature.begin(), signature.end(), [](uint8_t b) { return b == 0; }), !ok);
    return ok;
  };
  for (crypto::bignum::SecretLimbs* part : {&key_.p.exponent, &key_.q.exponent, &key_.coefficient}) {
    for (const size_t bit : {0u, 1u, 63u, 64u, 500u, 1023u}) {
      const uint64_t flip = uint64_t{1} << bit % 64;
      (*part)[bit / 64] ^= flip;
      EXPECT_FALSE(released()) << bit;
      (*part)[bit / 64] ^= flip;
    }
  }
  EXPECT_TRUE(released());
  for (crypto::rsa::Half* half : {&key_.p, &key_.q}) {
    for (const size_t bit : {1u, 64u, 777u}) {
      crypto::bignum::SecretLimbs other(half->prime.value());
      const crypto::bignum::SecretLimbs good(half->prime.value());
      other[bit / 64] ^= uint64_t{1} << bit % 64;
      half->prime = crypto::bignum::Modulus(other);
      EXPECT_FALSE(released()) << bit;
      half->prime = crypto::bignum::Modulus(good);
    }
  }
  EXPECT_TRUE(released());
  key_.e[0] ^= 2;
  EXPECT_FALSE(released());
}

TEST_F(Rsa, a_bad_encoding_in_a_batch_fails_alone) {
  const ByteVector good = padded(joined({info_sha256, digest()})), wanted = raw_signature(key_, good);
  for (const size_t count : {1u, 3u, 4u, 7u, 8u}) {
    for (size_t bad = 0; bad < count; ++bad) {
      std::vector<ByteVector> signatures(count, ByteVector(size_, 0xee));
      std::vector<crypto::rsa::PrivateJob> jobs;
      for (size_t i = 0; i < count; ++i)
        jobs.push_back({.encoded = i == bad ? material_.modulus : good, .signature = signatures[i]});
      crypto::rsa::private_operations(key_, *builtin_provider().random, jobs);
      for (size_t i = 0; i < count; ++i) {
        EXPECT_EQ(jobs[i].ok, i != bad);
        EXPECT_EQ(signatures[i], i == bad ? ByteVector(size_) : wanted);
      }
    }
  }
  // A fault of the key is one of every job.
  key_.coefficient[0] ^= 1;
  std::vector<ByteVector> signatures(8, ByteVector(size_, 0xee));
  std::vector<crypto::rsa::PrivateJob> jobs;
  for (ByteVector& signature : signatures) jobs.push_back({.encoded = good, .signature = signature});
  crypto::rsa::private_operations(key_, *builtin_provider().random, jobs);
  for (const crypto::rsa::PrivateJob& job : jobs) EXPECT_FALSE(job.ok);
  for (const ByteVector& signature : signatures) EXPECT_EQ(signature, ByteVector(size_));
}

TEST_F(Rsa, raw_numbers_at_the_edges) {
  const SimpleNumber n = SimpleNumber::of_bytes(material_.modulus), p = number_of(material_.prime1),
                     q = number_of(material_.prime2);
  for (const SimpleNumber& c :
       {SimpleNumber(0), SimpleNumber(1), SimpleNumber(2), n - 1, p, q, p * 3, n - q}) {
    const ByteVector s = raw_signature(key_, to_size(c.bytes(), size_));
    ASSERT_EQ(s.size(), size_) << c.hex();
    // Raising to e permutes the numbers below n, so just one has that power.
    EXPECT_TRUE(SimpleNumber::of_bytes(s) < n);
    EXPECT_EQ(simple_power(SimpleNumber::of_bytes(s), 65537, n), c) << c.hex();
  }
  EXPECT_TRUE(raw_signature(key_, n.bytes()).empty());
  EXPECT_TRUE(raw_signature(key_, (n + 1).bytes()).empty());
  EXPECT_TRUE(raw_signature(key_, ByteVector(size_, 0xff)).empty());
}

TEST_F(Rsa, blinding_changes_nothing_and_a_poor_source_does_no_harm) {
  const ByteVector encoded = padded(joined({info_sha256, digest()}));
  const ByteVector expected = raw_signature(key_, encoded);
  for (const uint8_t byte : ByteVector{0x00, 0x01, 0xff}) {
    FixedRandom random({byte});
    ByteVector signature(size_);
    EXPECT_TRUE(private_operation(key_, random, encoded, signature));
    EXPECT_EQ(signature, expected);
  }
}

}  // namespace
}  // namespace bulla::test
