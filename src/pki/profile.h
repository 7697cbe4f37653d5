// Orders for certificates, checked: what is written of names, common names and URLs is fit to be signed.
#pragma once

#include <bulla/pki.h>

#include <string_view>
#include <vector>

namespace bulla::pki {

/// The subject as it stands in a certificate.
struct CheckedSubject {
  std::vector<uint8_t> name = {};  ///< Name, DER
  std::vector<AltName> alt_names = {};
};
/// Errors: bad_name.
Result<CheckedSubject> check_subject(const Subject& subject, CertificateUse use);

/// Errors: bad_argument for a URL that verifiers would not fetch.
Result<void> check_urls(const Terms& terms);

/// Parses all and drops repetitions. Errors: bad_name, also for more than 1000.
Result<std::vector<Subtree>> parse_subtrees(const std::vector<std::string>& texts);

/// A common name for people: 1 to 64 bytes of UTF-8, nothing that does not print. `whose`: "a CA's name".
Result<void> check_common_name(std::string_view name, std::string_view whose);

}  // namespace bulla::pki
