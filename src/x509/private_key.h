// The forms of private keys: PKCS#1 (RFC 8017 §A.1.2), SEC1 (RFC 5915), PKCS#8 (RFC 5958), encrypted PKCS#8.
#pragma once

#include "asn1/oid.h"

#include <bulla/provider.h>

#include <optional>

namespace bulla::x509 {

/// RSAPrivateKey; `type` is rsa, or rsa_pss where a PrivateKeyInfo says so.
Result<PrivateKeyMaterial> parse_pkcs1(Bytes der, KeyType type = KeyType::rsa);
/// ECPrivateKey; `curve` is what a PrivateKeyInfo around it names, absent where it must name its curve
/// itself.
Result<PrivateKeyMaterial> parse_sec1(Bytes der, std::optional<KeyType> curve = {});
/// PrivateKeyInfo or OneAsymmetricKey.
Result<PrivateKeyMaterial> parse_pkcs8(Bytes der);

/// What a file may make its reader spend on a passphrase; it is asked before anything is spent.
struct KeyFileLimits {
  /// Up to 20 seconds; today's files have 2,048 to 600,000.
  uint32_t pbkdf2_iterations = 10'000'000;
  /// Bytes. OpenSSL writes files of 16 MiB; the most that OWASP recommends (2023) takes 128.
  uint64_t scrypt_memory = uint64_t{256} << 20;
  /// N * r * p, some seconds; 2^17 in OpenSSL's files, 2^20 the most that OWASP recommends.
  uint64_t scrypt_work = uint64_t{1} << 24;
};

/// Opens an EncryptedPrivateKeyInfo (PBES2 with PBKDF2 or scrypt, and AES-CBC): the PrivateKeyInfo inside, in
/// DER.
Result<SecretBytes> decrypt_pkcs8(Bytes der, std::string_view passphrase, const Provider& provider,
                                  const KeyFileLimits& limits = {});

}  // namespace bulla::x509
