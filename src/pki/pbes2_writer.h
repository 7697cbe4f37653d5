// Encryption under PBES2 (RFC 8018 §6.2) with AES-256-CBC: keys in files of their own and what PKCS#12 files
// hold.
#pragma once

#include "pki/means.h"

#include <vector>

namespace bulla::pki {

struct Encrypted {
  std::vector<uint8_t> algorithm;  ///< AlgorithmIdentifier, DER
  std::vector<uint8_t> content;
};
/// Errors: bad_argument for an empty passphrase and for no or too many iterations; key_unsupported where the
/// provider cannot.
Result<Encrypted> encrypt_pbes2(Bytes plain, const KeyEncryption& how, const Means& means);

}  // namespace bulla::pki
