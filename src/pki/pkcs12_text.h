// Text in PKCS#12 files: BMPString (RFC 7292 §B.1), which everybody takes for UTF-16, big-endian.
#pragma once

#include <bulla/result.h>
#include <bulla/secret.h>

#include <optional>
#include <string>
#include <string_view>

namespace bulla::pki {

/// UTF-16 of UTF-8; nothing where it is none. The text may be a passphrase: what its characters are shows
/// nowhere, but how many octets each of them takes.
std::optional<SecretBytes> utf16_of(std::string_view utf8);
/// UTF-8 of UTF-16; nothing where it is none.
std::optional<std::string> utf8_of(Bytes utf16);

}  // namespace bulla::pki
