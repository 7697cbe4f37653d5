// OpenSSL's cipher rules ("ECDHE-RSA-AES128-GCM-SHA256:[A|B]:ALL:!AES"), as far as the runner writes them.
#pragma once

#include <bulla/tls_types.h>

#include <string_view>
#include <vector>

namespace bulla::bogo {

/// All suites of TLS 1.3, which rules do not touch, and those of TLS 1.2 that the rule leaves, in its order.
/// Brackets (suites that rank alike) are read as if they were not there.
std::vector<CipherSuite> suites_of_rule(std::string_view rule);

}  // namespace bulla::bogo
