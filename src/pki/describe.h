// Words for parts of certificates that several descriptions use.
#pragma once

#include "x509/extensions.h"

#include <bulla/pki.h>

#include <string>
#include <vector>

namespace bulla::pki {

/// "digitalSignature"; none where the extension is absent.
std::vector<std::string> key_usage_names(const x509::Extensions& extensions);
/// "serverAuth", or an OID; none where the extension is absent.
std::vector<std::string> purpose_names(const x509::Extensions& extensions);
/// "12 days", "30 hours", "1 minute": rounded to the nearest, so that what was made for 365 days says so.
std::string duration_text(std::chrono::milliseconds d);

}  // namespace bulla::pki
