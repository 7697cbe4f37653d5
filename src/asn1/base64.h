// Base64 (RFC 4648 §4) without tables: no index and no branch depends on the bytes, since they may be a key.
#pragma once

#include <bulla/bytes.h>

#include <optional>
#include <span>
#include <string_view>

namespace bulla::asn1 {

/// Decodes the characters of all `pieces`, blanks and tabs skipped, to the front of `out`, which has room for
/// three bytes for every four characters begun. The size, or nothing if a character, the padding or the
/// unused bits are wrong.
std::optional<size_t> base64_decode(std::span<const std::string_view> pieces, MutBytes out) noexcept;

/// Writes (in.size() + 2) / 3 * 4 characters; returns how many.
size_t base64_encode(Bytes in, MutBytes out) noexcept;

}  // namespace bulla::asn1
