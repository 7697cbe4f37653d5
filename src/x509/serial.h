// Serial numbers as text: "abcd", "00", "-01", the form of Certificate::serial().
#pragma once

#include <bulla/bytes.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bulla::x509 {

/// Sign and magnitude of INTEGER content, as `openssl x509 -serial` has them: the number, not its encoding.
std::string print_serial(Bytes integer);
/// The INTEGER content of such a text; upper case, an odd count of digits and leading zeros are taken too.
/// Nothing where it is no number, or has more than 100 digits.
std::optional<std::vector<uint8_t>> parse_serial(std::string_view text);

}  // namespace bulla::x509
