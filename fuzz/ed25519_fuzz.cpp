// Any bytes as keys, messages and signatures of Ed25519, and signatures that are right before a bit of them
// is altered: our verdict is libcrypto's but for keys that are no canonical encoding, which we refuse
// (src/crypto/curve25519/README.md). Signing gives the same bytes.
#include "crypto/curve25519/ed25519.h"
#include "crypto/curve25519/edwards.h"
#include "kernels.h"

#include <bulla/openssl_provider.h>

using namespace bulla;
using namespace bulla::fuzz;

namespace {

/// y >= p, or x = 0 with its sign set: only where y is 1 or p - 1.
bool is_canonical(Bytes key) {
  ByteVector y = to_vector(key);
  y[31] &= 0x7f;
  const bool high =
      std::all_of(y.begin() + 1, y.end() - 1, [](uint8_t b) { return b == 0xff; }) && y[31] == 0x7f;
  const bool low = std::all_of(y.begin() + 1, y.end(), [](uint8_t b) { return b == 0; });
  if (high && y[0] >= 0xed) return false;
  const bool x_is_zero = (high && y[0] == 0xec) || (low && y[0] == 1);
  return !(x_is_zero && key[31] >= 0x80);
}

void check_verdict(Bytes key, Bytes message, Bytes signature) {
  const PublicKeyView view{.type = KeyType::ed25519, .point = key};
  VerifyJob job{
      .key = &view, .algorithm = SignatureAlgorithm::ed25519, .message = message, .signature = signature};
  openssl_provider().signing.verify({&job, 1});
  const bool ours = crypto::verify_ed25519_vartime(key, message, signature);
  if (key.size() == 32 && !is_canonical(key))
    BULLA_ASSERT(!ours, "a key that is no canonical encoding verifies nothing");
  else
    BULLA_ASSERT(ours == job.ok, "both providers agree about a signature");
}

ByteVector signature_of(const Result<SigningKeyPtr>& key, Bytes message) {
  SignJob job{.algorithm = SignatureAlgorithm::ed25519, .message = message};
  (*key)->sign(*openssl_provider().random, {&job, 1});
  BULLA_ASSERT(job.ok, "a key of Ed25519 signs");
  return job.signature;
}

/// s + L, which the equation cannot tell from s.
void add_order(std::span<uint8_t, 32> s) {
  constexpr uint8_t order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                                 0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
                                 0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};
  unsigned carry = 0;
  for (size_t i = 0; i < s.size(); ++i, carry >>= 8) {
    carry += unsigned{s[i]} + order[i];
    s[i] = static_cast<uint8_t>(carry);
  }
}

/// Signs, alters one bit of key, message or signature, or its second number, as `how` says, and verifies.
void sign_and_alter(Bytes seed, Bytes message, size_t how) {
  PrivateKeyMaterial material{.type = KeyType::ed25519};
  material.scalar = SecretBytes(stretched(seed, crypto::ed25519_key_size));
  const auto ours = crypto::load_ed25519(material), theirs = openssl_provider().signing.load(material);
  BULLA_ASSERT(ours.ok() && theirs.ok(), "any seed is a key");
  ByteVector signature = signature_of(ours, message), text = to_vector(message);
  ByteVector point = to_vector((*ours)->public_key().point);
  BULLA_ASSERT(equal_vartime(point, (*theirs)->public_key().point), "both compute the same public key");
  BULLA_ASSERT(signature == signature_of(theirs, message), "both make the same signature");
  BULLA_ASSERT(crypto::verify_ed25519_vartime(point, message, signature), "it verifies");
  switch (how % 4) {
    case 0: flip(signature, how / 4); break;
    case 1: flip(text, how / 4); break;
    case 2: flip(point, how / 4); break;
    default: add_order(std::span(signature).last<32>());
  }
  check_verdict(point, text, signature);
}

/// For a key of small order, [S]B - [k]A has eight values at most: one of them, so that the equation holds
/// for every eighth message or so.
void small_order(ByteVector key, Bytes s, Bytes message, size_t how) {
  using namespace crypto::curve25519;
  Extended a;
  if (!decode_point_vartime(std::span<const uint8_t, 32>(key), a)) return;
  ByteVector signature(32);
  Encoded k{static_cast<uint8_t>(how % 8)};
  const Extended minus_a = {tighten(negate(a.x)), a.y, a.z, tighten(negate(a.t))};
  ByteVector scalar = stretched(s, 32);
  scalar[31] &= 0x0f;
  encode_point(double_multiply_vartime(std::span<const uint8_t, 32>(scalar), k, minus_a),
               std::span<uint8_t, 32>(signature));
  signature.insert(signature.end(), scalar.begin(), scalar.end());
  check_verdict(key, message, signature);
}

/// y of the points whose order divides 8: 1, -1, 0, and two that belong to order 8 with their negatives.
ByteVector key_of_small_order(size_t which) {
  ByteVector key(32);
  static constexpr uint8_t eight[32] = {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
                                        0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
                                        0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05};
  switch (which % 5) {
    case 0: break;
    case 1: key[0] = 1; break;
    case 2:
      key.assign(32, 0xff);
      key[0] = 0xec, key[31] = 0x7f;
      break;
    case 3: key.assign(eight, eight + 32); break;
    default:  // p less that one
      for (size_t i = 0; i < 32; ++i) key[i] = static_cast<uint8_t>(~eight[i]);
      key[0] = static_cast<uint8_t>(key[0] - 0x12), key[31] &= 0x7f;
  }
  if (which / 5 % 2 == 1) key[31] |= 0x80;
  return key;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Reader input({data, size});
  const uint8_t choice = input.u8();
  const uint16_t how = input.u16();
  const Bytes key = input.u8_bytes(), signature = input.u8_bytes(), message = input.rest();
  switch (choice % 4) {
    case 0: check_verdict(key, message, signature); break;
    case 1: check_verdict(stretched(key, 32), message, stretched(signature, 64)); break;
    case 2: sign_and_alter(key, message, how); break;
    default: small_order(key_of_small_order(choice / 4), signature, message, how);
  }
  return 0;
}
