// How a key signs certificates and requests, and how that is written (RFC 5280 §4.1.1.2).
#pragma once

#include "asn1/der_writer.h"

#include <bulla/provider.h>

namespace bulla::pki {

/// The algorithm for a key: the hash that it is bound to (RFC 4055 §1.2), or that matches its strength.
SignatureAlgorithm signature_for(const PublicKeyView& key) noexcept;

/// RSASSA-PSS-params (RFC 4055 §3.1): the hash, MGF1 with the same one, a salt as long as it.
void write_pss_parameters(asn1::DerWriter& w, HashId hash);
void write_signature_algorithm(asn1::DerWriter& w, SignatureAlgorithm algorithm);

/// Signs `message`, and checks the signature with the public key before anybody sees it: a fault in the
/// signer (an HSM, a bit of memory) must not become a bad certificate, or give the key away.
Result<std::vector<uint8_t>> sign_checked(const SigningKey& key, SignatureAlgorithm algorithm, Bytes message,
                                          Random& random, const Provider& provider);

/// SIGNED{ToBeSigned} (RFC 5280 §4.1, RFC 2986 §4.2): what is signed, the algorithm, the signature.
std::vector<uint8_t> write_signed(Bytes to_be_signed, SignatureAlgorithm algorithm, Bytes signature);

}  // namespace bulla::pki
