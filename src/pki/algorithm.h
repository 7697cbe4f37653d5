// How a key signs certificates and requests, and how that is written (RFC 5280 §4.1.1.2).
#pragma once

#include "asn1/der_writer.h"

#include <bulla/provider.h>

#include <optional>

namespace bulla::pki {

/// The algorithm for a key: the hash that matches its strength. `pss_hash`: the one that the CA certificate
/// of an RSA-PSS key binds it to (RFC 4055 §1.2).
SignatureAlgorithm signature_for(KeyType type, std::optional<HashId> pss_hash = {}) noexcept;

void write_signature_algorithm(asn1::DerWriter& w, SignatureAlgorithm algorithm);

/// Signs `message`, and checks the signature with the public key before anybody sees it: a fault in the
/// signer (an HSM, a bit of memory) must not become a bad certificate, or give the key away.
Result<std::vector<uint8_t>> sign_checked(const SigningKey& key, SignatureAlgorithm algorithm, Bytes message,
                                          Random& random, const Provider& provider);

/// SIGNED{ToBeSigned} (RFC 5280 §4.1, RFC 2986 §4.2): what is signed, the algorithm, the signature.
std::vector<uint8_t> write_signed(Bytes to_be_signed, SignatureAlgorithm algorithm, Bytes signature);

}  // namespace bulla::pki
