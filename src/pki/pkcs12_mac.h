// What proves that a PKCS#12 file was made by who knows its passphrase, and not altered: MacData (RFC 7292
// §4), with the key of RFC 7292 §B.2 or PBMAC1 (RFC 9579).
#pragma once

#include "asn1/der_reader.h"
#include "asn1/der_writer.h"
#include "pki/means.h"
#include "x509/pbes2.h"

#include <bulla/pkcs12.h>

#include <optional>
#include <string>

namespace bulla::pki {

/// Views into the file.
struct Pkcs12Mac {
  HashId hash = HashId::sha256;  ///< of the HMAC
  Bytes digest = {};
  Bytes salt = {};
  uint32_t iterations = 1;
  std::optional<x509::Pbkdf2> pbmac1 = {};  ///< what makes the key instead of the two above
};

/// Errors: pkcs12_malformed; pkcs12_unsupported for hashes that are not used and for more iterations than the
/// limit.
Result<Pkcs12Mac> read_mac(asn1::DerReader r, const x509::KeyFileLimits& limits);
/// What checking costs, in iterations.
uint64_t work_of(const Pkcs12Mac& mac) noexcept;
/// Whether who knows `passphrase` (UTF-8) made it for `content`. In constant time. An empty passphrase is
/// tried in both ways in which programs write none (RFC 7292 §B.1). Errors: bad_argument where the passphrase
/// is no UTF-8; pkcs12_unsupported where the provider lacks the hash.
Result<bool> verify_mac(const Pkcs12Mac& mac, Bytes content, std::string_view passphrase,
                        const Provider& provider);
/// "HMAC-SHA-256 with 2048 iterations", "PBMAC1: ...".
std::string print_mac(const Pkcs12Mac& mac);

/// MacData with HMAC-SHA-256.
Result<void> write_mac(asn1::DerWriter& w, Bytes content, const Pkcs12Protection& how, const Means& means);

}  // namespace bulla::pki
