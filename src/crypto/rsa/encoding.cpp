// What is signed: EMSA-PKCS1-v1_5 and EMSA-PSS (RFC 8017 §9). Digests, salts and encodings are public.
#include "crypto/rsa/impl.h"
#include "crypto/sha2/sha2.h"

#include <algorithm>
#include <cstring>

namespace bulla::crypto::rsa {

const HashAlgorithm& hash_of(SignatureAlgorithm algorithm) noexcept {
  switch (algorithm) {
    case SignatureAlgorithm::rsa_pkcs1_sha384:
    case SignatureAlgorithm::rsa_pss_sha384: return sha384();
    case SignatureAlgorithm::rsa_pkcs1_sha512:
    case SignatureAlgorithm::rsa_pss_sha512: return sha512();
    default: return sha256();
  }
}

bool is_pss(SignatureAlgorithm algorithm) noexcept {
  return algorithm == SignatureAlgorithm::rsa_pss_sha256 || algorithm == SignatureAlgorithm::rsa_pss_sha384 ||
         algorithm == SignatureAlgorithm::rsa_pss_sha512;
}

Digest digest_of(SignatureAlgorithm algorithm, Bytes message) noexcept {
  const HashAlgorithm& hash = hash_of(algorithm);
  Digest digest;
  digest.size = hash.digest_size;
  HashContext context(hash);
  context.update(message);
  context.finish(digest.bytes);
  return digest;
}

void mgf1_xor(const HashAlgorithm& hash, Bytes seed, MutBytes out) noexcept {
  std::array<uint8_t, max_digest_size> block;
  for (uint8_t counter = 0; !out.empty(); ++counter) {
    HashContext context(hash);
    context.update(seed);
    // The counter's first three bytes stay zero.
    const uint8_t count[4] = {0, 0, 0, counter};
    context.update(count);
    context.finish(block);
    const size_t n = std::min<size_t>(out.size(), hash.digest_size);
    for (size_t i = 0; i < n; ++i) out[i] ^= block[i];
    out = out.subspan(n);
  }
  wipe(block);
}

namespace {

/// RFC 8017 §9.2 note 1: the DER of DigestInfo up to the digest. Of the three hashes only the last byte of
/// the object identifier and the lengths differ.
constexpr size_t digest_info_size = 19;
constexpr std::array<uint8_t, digest_info_size> digest_info(uint8_t hash, uint8_t digest_size) noexcept {
  return {0x30,       static_cast<uint8_t>(17 + digest_size),
          0x30,       0x0d,
          0x06,       0x09,
          0x60,       0x86,
          0x48,       0x01,
          0x65,       0x03,
          0x04,       0x02,
          hash,       0x05,
          0x00,       0x04,
          digest_size};
}
constexpr auto digest_info_sha256 = digest_info(0x01, 32);
constexpr auto digest_info_sha384 = digest_info(0x02, 48);
constexpr auto digest_info_sha512 = digest_info(0x03, 64);

Bytes digest_info_of(HashId hash) noexcept {
  switch (hash) {
    case HashId::sha384: return digest_info_sha384;
    case HashId::sha512: return digest_info_sha512;
    default: return digest_info_sha256;
  }
}

}  // namespace

bool pkcs1_encode(HashId hash, Bytes digest, MutBytes out) noexcept {
  const Bytes prefix = digest_info_of(hash);
  const size_t tail = prefix.size() + digest.size();
  // Step 3: at least eight bytes ff.
  if (out.size() < tail + 11) return false;
  // Step 5: 00 01 ff ... ff 00 T.
  const size_t padding_end = out.size() - tail - 1;
  out[0] = 0x00;
  out[1] = 0x01;
  std::fill(out.begin() + 2, out.begin() + static_cast<ptrdiff_t>(padding_end), uint8_t{0xff});
  out[padding_end] = 0x00;
  std::memcpy(out.data() + padding_end + 1, prefix.data(), prefix.size());
  std::memcpy(out.data() + padding_end + 1 + prefix.size(), digest.data(), digest.size());
  return true;
}

namespace {

/// H = Hash(8 zero bytes || mHash || salt).
void pss_hash(const HashAlgorithm& hash, Bytes digest, Bytes salt, MutBytes out) noexcept {
  static constexpr std::array<uint8_t, 8> padding{};
  HashContext context(hash);
  context.update(padding);
  context.update(digest);
  context.update(salt);
  context.finish(out);
}

/// Which bits of an encoding's first byte belong to it: emBits is one less than the modulus has.
uint8_t first_byte_mask(size_t size, size_t modulus_bits) noexcept {
  return static_cast<uint8_t>(0xff >> (8 * size - (modulus_bits - 1)));
}

}  // namespace

bool pss_encode(const HashAlgorithm& hash, Bytes digest, Bytes salt, size_t modulus_bits,
                MutBytes out) noexcept {
  const size_t size = out.size();
  // Step 3: maskedDB takes in 01 and the salt, and hash and bc follow it.
  if (size != pss_size(modulus_bits) || size < hash.digest_size + salt.size() + 2) return false;
  const MutBytes masked = out.first(size - hash.digest_size - 1);
  const MutBytes h = out.subspan(masked.size(), hash.digest_size);
  pss_hash(hash, digest, salt, h);  // steps 5 and 6

  // Steps 7 to 12: DB = zeros || 01 || salt, masked, its surplus top bits cleared; then H and bc.
  std::fill(masked.begin(), masked.end(), uint8_t{0});
  masked[masked.size() - salt.size() - 1] = 0x01;
  if (!salt.empty()) std::memcpy(masked.data() + masked.size() - salt.size(), salt.data(), salt.size());
  mgf1_xor(hash, h, masked);
  masked[0] &= first_byte_mask(size, modulus_bits);
  out[size - 1] = 0xbc;
  return true;
}

bool pss_verify_vartime(const HashAlgorithm& hash, Bytes digest, size_t modulus_bits,
                        MutBytes encoded) noexcept {
  const size_t size = encoded.size(), salt_size = hash.digest_size;
  // Steps 3 and 4.
  if (size != pss_size(modulus_bits) || size < hash.digest_size + salt_size + 2) return false;
  if (encoded[size - 1] != 0xbc) return false;
  // Step 6: the surplus top bits are zero.
  const MutBytes db = encoded.first(size - hash.digest_size - 1);
  const Bytes h = encoded.subspan(db.size(), hash.digest_size);
  const uint8_t mask = first_byte_mask(size, modulus_bits);
  if ((db[0] & ~mask) != 0) return false;
  // Steps 7 to 10: DB = zeros || 01 || salt.
  mgf1_xor(hash, h, db);
  db[0] &= mask;
  const size_t zeros = db.size() - salt_size - 1;
  if (std::any_of(db.begin(), db.begin() + static_cast<ptrdiff_t>(zeros), [](uint8_t b) { return b != 0; }))
    return false;
  if (db[zeros] != 0x01) return false;
  // Steps 11 to 14.
  std::array<uint8_t, max_digest_size> expected;
  pss_hash(hash, digest, db.last(salt_size), expected);
  return std::equal(h.begin(), h.end(), expected.begin());
}

}  // namespace bulla::crypto::rsa
