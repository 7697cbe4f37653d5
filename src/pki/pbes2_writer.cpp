#include "pki/pbes2_writer.h"

#include "asn1/der_writer.h"
#include "crypto/pbkdf2.h"
#include "crypto/scrypt/scrypt.h"
#include "x509/private_key.h"

#include <array>
#include <cstring>

namespace bulla::pki {
namespace {

using namespace asn1;

constexpr size_t salt_size = 16;  // RFC 8018 §4.1 asks for 8 at least
constexpr size_t block_size = 16;
constexpr size_t key_size = 32;
constexpr ScryptCost scrypt_cost = {.n = 16384, .r = 8, .p = 5};

/// RFC 8018 §6.1.1 step 4: 1 to 16 octets, each of which tells their number.
SecretBytes padded(Bytes plain) {
  const size_t padding = block_size - plain.size() % block_size;
  SecretBytes out(plain.size() + padding);
  std::memcpy(out.writable().data(), plain.data(), plain.size());
  std::memset(out.writable().data() + plain.size(), static_cast<int>(padding), padding);
  return out;
}

/// PBKDF2-params (RFC 8018 §A.2). The key length is left out: AES-256 has just one.
void write_pbkdf2(DerWriter& w, Bytes salt, uint32_t iterations) {
  w.oid(oids::pbkdf2);
  w.sequence([&](DerWriter& w) {
    w.octet_string(salt);
    w.integer(iterations);
    w.sequence([&](DerWriter& w) {
      w.oid(oids::hmac_sha256);
      w.null();
    });
  });
}

/// scrypt-params (RFC 7914 §7.1), also without the key length.
void write_scrypt(DerWriter& w, Bytes salt, const ScryptCost& cost) {
  w.oid(oids::scrypt);
  w.sequence([&](DerWriter& w) {
    w.octet_string(salt);
    w.integer(cost.n);
    w.integer(cost.r);
    w.integer(cost.p);
  });
}

/// PBES2-params (RFC 8018 §A.4).
void write_pbes2(DerWriter& w, Bytes salt, const KeyEncryption& how, Bytes iv) {
  w.sequence([&](DerWriter& w) {
    w.oid(oids::pbes2);
    w.sequence([&](DerWriter& w) {
      w.sequence([&](DerWriter& w) {
        if (how.derivation == KeyDerivation::scrypt)
          write_scrypt(w, salt, scrypt_cost);
        else
          write_pbkdf2(w, salt, how.iterations);
      });
      w.sequence([&](DerWriter& w) {
        w.oid(oids::aes_256_cbc);
        w.octet_string(iv);
      });
    });
  });
}

}  // namespace

Result<Encrypted> encrypt_pbes2(Bytes plain, const KeyEncryption& how, const Means& means) {
  if (how.passphrase.empty())
    return Error{ErrorCode::bad_argument, "the passphrase is empty",
                 "give a passphrase, or leave the key unencrypted on purpose"};
  if (how.iterations == 0) return Error{ErrorCode::bad_argument, "PBKDF2 needs at least one iteration"};
  if (how.iterations > x509::KeyFileLimits{}.pbkdf2_iterations)
    return Error{ErrorCode::bad_argument, "more iterations of PBKDF2 than this library opens"};
  const HashAlgorithm* sha256 = means.provider.hash(HashId::sha256);
  if (!sha256 || !means.provider.key_files.cbc_encrypt)
    return Error{ErrorCode::key_unsupported,
                 "the provider " + std::string(means.provider.name) + " does not encrypt key files"};

  std::array<uint8_t, salt_size> salt;
  std::array<uint8_t, block_size> iv;
  means.random.fill(salt);
  means.random.fill(iv);
  SecretBytes key(key_size);
  if (how.derivation == KeyDerivation::scrypt)
    scrypt(*sha256, as_bytes(how.passphrase), salt, scrypt_cost, key.writable());
  else
    pbkdf2(*sha256, as_bytes(how.passphrase), salt, how.iterations, key.writable());
  SecretBytes box = padded(plain);
  means.provider.key_files.cbc_encrypt(key.reveal(), iv, box.writable());
  return Encrypted{.algorithm = to_der([&](DerWriter& w) { write_pbes2(w, salt, how, iv); }),
                   .content = to_vector(box.reveal())};
}

}  // namespace bulla::pki
