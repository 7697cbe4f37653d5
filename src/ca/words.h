// The words by which enumerators are written down, both ways.
#pragma once

#include <bulla/ca.h>
#include <bulla/revocation.h>

#include <optional>
#include <string_view>

namespace bulla::ca {

std::optional<Template> template_named(std::string_view word) noexcept;
std::optional<Origin> origin_named(std::string_view word) noexcept;
/// RFC 5280 §5.3.1.
std::optional<RevocationReason> reason_numbered(int64_t number) noexcept;
/// As lists and answers say it, which know more reasons; the numbers are the same.
constexpr bulla::RevocationReason as_published(RevocationReason reason) noexcept {
  return static_cast<bulla::RevocationReason>(reason);
}

}  // namespace bulla::ca
