// IP addresses as text and as bytes, without asking any system library.
#pragma once

#include <bulla/bytes.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bulla::x509 {

/// "192.0.2.1" to 4 bytes, "2001:db8::1" (RFC 4291 §2.2, no zone, no brackets) to 16; nothing for other
/// texts. Octets are decimal without leading zeros: 010.0.0.1 means different things to different programs.
std::optional<std::vector<uint8_t>> parse_ip_address(std::string_view text);

/// The canonical text (RFC 5952 for IPv6) of 4 or 16 bytes; hexadecimal for other lengths.
std::string format_ip_address(Bytes address);

}  // namespace bulla::x509
