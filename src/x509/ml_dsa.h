// ML-DSA in certificates and key files (RFC 9881).
#pragma once

#include "asn1/oid.h"
#include "x509/extensions.h"

#include <bulla/provider.h>

#include <optional>

namespace bulla::x509 {

/// A parameter set: the OID of keys and signatures alike (RFC 9881 §2), and bytes (FIPS 204 §4, table 2).
struct MlDsaSet {
  asn1::Oid oid;
  KeyType type;
  size_t public_key, expanded_key;
};
inline constexpr MlDsaSet ml_dsa_sets[] = {{asn1::oids::ml_dsa_44, KeyType::ml_dsa_44, 1312, 2560},
                                           {asn1::oids::ml_dsa_65, KeyType::ml_dsa_65, 1952, 4032},
                                           {asn1::oids::ml_dsa_87, KeyType::ml_dsa_87, 2592, 4896}};
/// The set that an OID names, or nullptr.
const MlDsaSet* find_ml_dsa_set(Bytes oid) noexcept;
/// That of a key type, or nullptr.
const MlDsaSet* find_ml_dsa_set(KeyType type) noexcept;

/// RFC 9881 §5: the first bit of keyUsage that a certificate of such a key must not have set, for a person;
/// nullptr for none, and for other keys.
const char* wrong_ml_dsa_usage(const PublicKeyView& key, const Extensions& extensions) noexcept;

/// RFC 9881 §6, what the privateKey of a OneAsymmetricKey holds: a seed, the expanded key, or both.
/// `public_key`: that of the OneAsymmetricKey, if it has one. Error: key_malformed. Whether the parts belong
/// together is found out when the key is loaded.
Result<PrivateKeyMaterial> parse_ml_dsa(const MlDsaSet& set, Bytes der,
                                        const std::optional<asn1::BitString>& public_key);

}  // namespace bulla::x509
