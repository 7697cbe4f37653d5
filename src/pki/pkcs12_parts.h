// The outer form of a PKCS#12 file (RFC 7292 §4): what its MAC is of, and the parts of that, encrypted or
// not.
#pragma once

#include "x509/algorithm.h"

#include <bulla/result.h>
#include <bulla/secret.h>

#include <optional>
#include <vector>

namespace bulla::pki {

/// PFX; views into `storage`.
struct Pfx {
  SecretBytes storage = {};
  Bytes content = {};  ///< what the MAC is of: AuthenticatedSafe, BER
  std::optional<Bytes> mac = {};
};
/// Errors: pkcs12_malformed, pkcs12_unsupported.
Result<Pfx> read_pfx(Bytes file);

/// One part of the AuthenticatedSafe: SafeContents, encrypted or not. Views into the memory that was read.
struct Part {
  std::optional<x509::AlgorithmIdentifier> encryption = {};
  std::vector<uint8_t> encrypted = {};
  Bytes plain = {};
};

/// `authenticated_safe`: with definite lengths. Errors: pkcs12_malformed, pkcs12_unsupported.
Result<std::vector<Part>> read_parts(Bytes authenticated_safe);

}  // namespace bulla::pki
