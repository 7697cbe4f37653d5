// Extensions of certificates, requests and lists in words, one by one.
#pragma once

#include "x509/extensions.h"

#include <string>
#include <vector>

namespace bulla::pki {

/// "keyUsage", or the OID where it has no name here.
std::string extension_name(Bytes oid);
/// What the extension says, as lines that are safe for a terminal; hexadecimal where its form is not known or
/// it is malformed.
std::vector<std::string> extension_lines(const x509::Extension& extension);
/// Bytes in hexadecimal, 32 a line.
std::vector<std::string> hex_lines(Bytes bytes);

}  // namespace bulla::pki
