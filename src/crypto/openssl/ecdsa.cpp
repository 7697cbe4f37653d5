// ECDSA over the NIST curves (FIPS 186-5 §6), signatures in strict DER (RFC 3279 §2.2.3).
#include "base/ct.h"
#include "base/reader.h"
#include "crypto/openssl/curves.h"
#include "crypto/openssl/signature.h"

#include <openssl/ecdsa.h>

namespace bulla::openssl {

namespace {

using EcdsaSignature = std::unique_ptr<ECDSA_SIG, Freer<ECDSA_SIG_free>>;

/// A positive INTEGER in its shortest form, without its sign byte; empty if it is anything else.
Bytes read_integer(Reader& r) noexcept {
  if (r.u8() != 0x02) r.fail();
  Bytes number = r.u8_bytes(1, 0x7f);
  if (number.empty() || (number[0] & 0x80) != 0) return {};
  if (number[0] != 0) return number;
  // A leading zero is there to keep the number positive, and for nothing else.
  if (number.size() < 2 || (number[1] & 0x80) == 0) return {};
  return number.subspan(1);
}

/// Ecdsa-Sig-Value ::= SEQUENCE { r INTEGER, s INTEGER }, and not a byte more or other than DER has it.
EcdsaSignature parse_signature(Bytes der) noexcept {
  Reader outer(der);
  if (outer.u8() != 0x30) return nullptr;
  size_t length = outer.u8();
  if (length == 0x81) {
    length = outer.u8();
    if (length < 0x80) return nullptr;
  } else if (length > 0x7f) {
    return nullptr;
  }
  Reader inner(outer.bytes(length));
  if (!outer.done()) return nullptr;
  const Bytes r = read_integer(inner);
  const Bytes s = read_integer(inner);
  if (!inner.done() || r.empty() || s.empty()) return nullptr;
  EcdsaSignature signature(ECDSA_SIG_new());
  Bignum r_number = to_bignum(r);
  Bignum s_number = to_bignum(s);
  if (!signature || !r_number || !s_number ||
      !ECDSA_SIG_set0(signature.get(), r_number.get(), s_number.get()))
    return nullptr;
  // set0 took them over.
  static_cast<void>(r_number.release());
  static_cast<void>(s_number.release());
  return signature;
}

EcKey public_ec_key(const Curve& curve, const EC_POINT* point) noexcept {
  EcKey key(EC_KEY_new());
  if (!key || !EC_KEY_set_group(key.get(), curve.group) || !EC_KEY_set_public_key(key.get(), point))
    return nullptr;
  return key;
}

class EcSigningKey final : public SigningKey {
 public:
  EcSigningKey(KeyType type, EcKey key, std::vector<uint8_t> point) noexcept
      : type_(type), key_(std::move(key)), point_(std::move(point)) {}

  KeyType type() const noexcept override { return type_; }
  PublicKeyView public_key() const noexcept override { return {.type = type_, .point = point_}; }
  /// The nonce is libcrypto's own, made from the key, the digest and its generator: a weak `Random` of the
  /// caller cannot give the key away.
  void sign(Random&, std::span<SignJob> jobs) const noexcept override {
    const ErrorQueueGuard errors;
    for (SignJob& job : jobs) {
      job.ok = allows(public_key(), job.algorithm) && sign_one(job);
      if (!job.ok) job.signature.clear();
    }
  }

 private:
  bool sign_one(SignJob& job) const noexcept {
    const Digest digest = digest_of(job.algorithm, job.message);
    job.signature.resize(static_cast<size_t>(ECDSA_size(key_.get())));
    unsigned size = 0;
    if (!ECDSA_sign(0, digest.bytes.data(), static_cast<int>(digest.size), job.signature.data(), &size,
                    key_.get()))
      return false;
    job.signature.resize(size);
    return true;
  }

  KeyType type_;
  EcKey key_;
  std::vector<uint8_t> point_;
};

/// Whether a point as a key file has it, uncompressed or compressed (SEC 1 §2.3.3), is this uncompressed one.
bool is_same_point(Bytes given, Bytes uncompressed) noexcept {
  if (given.size() == uncompressed.size()) return equal_vartime(given, uncompressed);
  const size_t field = uncompressed.size() / 2;
  return given.size() == 1 + field && given[0] == (0x02 | (uncompressed.back() & 1)) &&
         equal_vartime(given.subspan(1), uncompressed.subspan(1, field));
}

}  // namespace

bool verify_ecdsa(const VerifyJob& job) noexcept {
  const Curve& curve = curve_of(job.key->type);
  const EcdsaSignature signature = parse_signature(job.signature);
  if (!signature) return false;
  const EcPoint point = decode_point(curve, job.key->point, nullptr);
  const EcKey key = point ? public_ec_key(curve, point.get()) : nullptr;
  if (!key) return false;
  const Digest digest = digest_of(job.algorithm, job.message);
  // Checks 0 < r, s < n.
  return ECDSA_do_verify(digest.bytes.data(), static_cast<int>(digest.size), signature.get(), key.get()) == 1;
}

Result<SigningKeyPtr> load_ec(const PrivateKeyMaterial& m) {
  const Curve& curve = curve_of(m.type);
  if (m.scalar.size() != curve.field_size || !in_range(m.scalar.reveal(), curve.order))
    return bad_key(m.type, "its private number is out of range");
  const BignumContext context(BN_CTX_new());
  const Bignum scalar = to_secret_bignum(m.scalar.reveal());
  if (!context || !scalar) return libcrypto_failed("reading an EC key");
  const EcPoint point = multiply_generator(curve, scalar.get(), context.get());
  if (!point) return libcrypto_failed("computing an EC public key");
  std::vector<uint8_t> encoded = encode_point(curve, point.get(), context.get());
  if (!m.point.empty() && !is_same_point(m.point, encoded))
    return bad_key(m.type, "its public point does not belong to its private number");
  EcKey key = public_ec_key(curve, point.get());
  if (!key || !EC_KEY_set_private_key(key.get(), scalar.get())) return libcrypto_failed("loading an EC key");
  return SigningKeyPtr(std::make_shared<EcSigningKey>(m.type, std::move(key), std::move(encoded)));
}

Result<PrivateKeyMaterial> generate_ec(KeyType type, Random& random) {
  const Curve& curve = curve_of(type);
  const BignumContext context(BN_CTX_new());
  PrivateKeyMaterial m{.type = type};
  m.scalar = random_scalar(curve, random);
  if (m.scalar.empty()) return Error{ErrorCode::internal, "the random source brings forth no private number"};
  const Bignum scalar = to_secret_bignum(m.scalar.reveal());
  if (!context || !scalar) return libcrypto_failed("making an EC key");
  const EcPoint point = multiply_generator(curve, scalar.get(), context.get());
  if (point) m.point = encode_point(curve, point.get(), context.get());
  if (m.point.empty()) return libcrypto_failed("making an EC key");
  return m;
}

}  // namespace bulla::openssl
