// BER with lengths that are not told, made definite: NSS (Firefox) writes its PKCS#12 files so.
#pragma once

#include <bulla/result.h>
#include <bulla/secret.h>

namespace bulla::pki {

/// The same value with definite lengths, and OCTET STRINGs that came in pieces (X.690 §8.7.3) in one.
/// Primitive elements are not looked into; what else DER forbids is for who reads the outcome. Error:
/// pkcs12_malformed.
Result<SecretBytes> with_definite_lengths(Bytes ber);

}  // namespace bulla::pki
