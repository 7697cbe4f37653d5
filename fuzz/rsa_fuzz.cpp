// Any numbers as public keys and signatures, and signatures of encodings that are right before some bytes of
// them are altered: our verdict is libcrypto's, by every kernel. Private keys sign alike.
#include "crypto/rsa/impl.h"
#include "crypto/rsa/rsa.h"
#include "kernels.h"

#include <bulla/openssl_provider.h>

#include <openssl/bn.h>

using namespace bulla;
using namespace bulla::fuzz;
namespace rsa = bulla::crypto::rsa;

namespace {

constexpr SignatureAlgorithm algorithms[] = {
    SignatureAlgorithm::rsa_pkcs1_sha256, SignatureAlgorithm::rsa_pkcs1_sha384,
    SignatureAlgorithm::rsa_pkcs1_sha512, SignatureAlgorithm::rsa_pss_sha256,
    SignatureAlgorithm::rsa_pss_sha384,   SignatureAlgorithm::rsa_pss_sha512};

void check_verdict(const PublicKeyView& key, SignatureAlgorithm algorithm, Bytes message, Bytes signature) {
  VerifyJob job{.key = &key, .algorithm = algorithm, .message = message, .signature = signature};
  openssl_provider().signing.verify({&job, 1});
  const auto verify = [&](const crypto::bignum::Montgomery& kernel) {
    return rsa::verify_vartime(key, algorithm, message, signature, kernel);
  };
  BULLA_ASSERT(same_of_all(crypto::bignum::montgomery_kernels(), verify) == job.ok,
               "both providers agree about a signature");
}

/// signature^exponent mod modulus, which libcrypto computes, too.
void check_power(Bytes modulus, Bytes exponent, Bytes signature) {
  if (rsa::public_key_defect(modulus, exponent)) return;
  using Number = std::unique_ptr<BIGNUM, void (*)(BIGNUM*)>;
  const auto number = [](Bytes b) {
    return Number(BN_bin2bn(b.data(), static_cast<int>(b.size()), nullptr), BN_free);
  };
  const Number m = number(modulus), e = number(exponent), s = number(signature), out = number({});
  const std::unique_ptr<BN_CTX, void (*)(BN_CTX*)> context(BN_CTX_new(), BN_CTX_free);
  ByteVector wanted;
  if (signature.size() == modulus.size() && BN_cmp(s.get(), m.get()) < 0) {
    wanted.resize(modulus.size());
    BULLA_ASSERT(BN_mod_exp(out.get(), s.get(), e.get(), m.get(), context.get()) == 1, "libcrypto computes");
    BN_bn2binpad(out.get(), wanted.data(), static_cast<int>(wanted.size()));
  }
  const auto compute = [&](const crypto::bignum::Montgomery& kernel) {
    ByteVector encoded(modulus.size());
    if (!rsa::public_operation_vartime(modulus, exponent, signature, encoded, kernel)) encoded.clear();
    return encoded;
  };
  BULLA_ASSERT(same_of_all(crypto::bignum::montgomery_kernels(), compute) == wanted, "RSAVP1 is libcrypto's");
}

PublicKeyView public_key(const PrivateKeyMaterial& m) {
  return {.type = m.type, .modulus = m.modulus, .exponent = m.exponent};
}

/// Keys of 2048 and 2056 bits, the same in every run; made once.
const PrivateKeyMaterial& key(size_t which) {
  static const std::array<PrivateKeyMaterial, 2> keys = [] {
    Source source({});
    auto first = crypto::generate_rsa(KeyType::rsa, 2048, source),
         second = crypto::generate_rsa(KeyType::rsa, 2056, source);
    return std::array<PrivateKeyMaterial, 2>{*std::move(first), *std::move(second)};
  }();
  return keys[which % keys.size()];
}

/// The encoding that would be signed; empty if the key is too short for it.
ByteVector encoding(const PublicKeyView& key, SignatureAlgorithm algorithm, Bytes message) {
  const HashAlgorithm& hash = rsa::hash_of(algorithm);
  const rsa::Digest digest = rsa::digest_of(algorithm, message);
  ByteVector out(key.modulus.size());
  const size_t bits = 8 * out.size() - static_cast<size_t>(std::countl_zero(key.modulus[0]));
  const MutBytes pss = MutBytes(out).last(rsa::pss_size(bits));
  const bool ok = rsa::is_pss(algorithm)
                      ? rsa::pss_encode(hash, digest.view(), ByteVector(hash.digest_size, 7), bits, pss)
                      : rsa::pkcs1_encode(hash.id, digest.view(), out);
  return ok ? out : ByteVector{};
}

/// Where an edit goes: an odd one to the bytes at either end, where much is decided, an even one anywhere.
size_t place_of(uint8_t edit, size_t size) {
  const size_t ends[] = {0, 1, size - 1, size - 2};
  if (edit % 2 == 1) return ends[edit / 2 % std::size(ends)];
  return edit < 0x80 ? edit : size - 1 - edit % 0x80;
}

/// Signs an encoding in which up to two bytes are altered: `edits` are pairs of a place and what is added
/// there.
void check_encoding(const PrivateKeyMaterial& material, SignatureAlgorithm algorithm, Bytes message,
                    Bytes edits) {
  const PublicKeyView view = public_key(material);
  ByteVector encoded = encoding(view, algorithm, message);
  for (size_t i = 0; i + 1 < std::min<size_t>(edits.size(), 4) && !encoded.empty(); i += 2) {
    uint8_t& byte = encoded[place_of(edits[i], encoded.size())];
    byte = static_cast<uint8_t>(byte + edits[i + 1]);
  }
  if (encoded.empty()) return;
  const auto sign = [&](const crypto::bignum::Montgomery& kernel) {
    const auto loaded = rsa::load_private_key(material, kernel);
    ByteVector signature(encoded.size());
    const bool ok = rsa::private_operation(*loaded, *openssl_provider().random, encoded, signature);
    return ok ? signature : ByteVector{};
  };
  const ByteVector signature = same_of_all(crypto::bignum::montgomery_kernels(), sign);
  if (!signature.empty()) check_verdict(view, algorithm, message, signature);
}

void check_signature(const PrivateKeyMaterial& material, SignatureAlgorithm algorithm, Bytes message) {
  const auto theirs = openssl_provider().signing.load(material);
  BULLA_ASSERT(theirs.ok(), "libcrypto takes our keys");
  const auto sign = [&](const SigningKey& with) {
    Source salt({});
    SignJob job{.algorithm = algorithm, .message = message};
    with.sign(salt, {&job, 1});
    BULLA_ASSERT(job.ok, "a key signs");
    return job.signature;
  };
  const auto compute = [&](const crypto::bignum::Montgomery& kernel) {
    return sign(**rsa::load(material, kernel));
  };
  BULLA_ASSERT(same_of_all(crypto::bignum::montgomery_kernels(), compute) == sign(**theirs),
               "both providers make the same signature");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Reader input({data, size});
  const uint8_t choice = input.u8();
  const SignatureAlgorithm algorithm = algorithms[choice % std::size(algorithms)];
  const size_t how = choice / std::size(algorithms);
  if (how % 4 < 2) {
    const Bytes exponent = input.u8_bytes(), modulus = input.u16_bytes();
    const Bytes rest = input.rest();
    const ByteVector m = stretched(modulus, how % 4 == 0 ? modulus.size() : 128 + how);
    const ByteVector signature = stretched(rest, how % 8 < 4 ? m.size() : rest.size());
    check_verdict({.type = KeyType::rsa, .modulus = m, .exponent = exponent}, algorithm, rest, signature);
    check_power(m, exponent, signature);
    return 0;
  }
  const Bytes edits = input.u8_bytes(), message = input.rest();
  if (how % 4 == 2) check_encoding(key(how / 4), algorithm, message, edits);
  if (how % 4 == 3) check_signature(key(how / 4), algorithm, message);
  return 0;
}
