// Octets as people compare them.
#pragma once

#include <bulla/bytes.h>
#include <bulla/provider.h>

#include <string>

namespace bulla::x509 {

/// "AB:CD:...", as other tools print serial numbers, key identifiers and fingerprints.
std::string octets_text(Bytes octets);
/// SHA-256 of some DER in that form.
std::string fingerprint_text(Bytes of, const Provider& provider);

}  // namespace bulla::x509
