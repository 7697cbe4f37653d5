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

/// Opens an EncryptedPrivateKeyInfo (PBES2 with PBKDF2 and AES-CBC): the PrivateKeyInfo inside, in DER.
Result<SecretBytes> decrypt_pkcs8(Bytes der, std::string_view passphrase, const Provider& provider);

/// More rounds would keep a reader busy for minutes; today's files have 2,048 to 600,000.
inline constexpr uint32_t max_pbkdf2_iterations = 10'000'000;

}  // namespace bulla::x509
