// The words by which enumerators are written down, both ways.
#pragma once

#include <bulla/ca.h>

#include <optional>
#include <string_view>

namespace bulla::ca {

std::optional<Template> template_named(std::string_view word) noexcept;
std::optional<Origin> origin_named(std::string_view word) noexcept;
/// RFC 5280 §5.3.1.
std::optional<RevocationReason> reason_numbered(int64_t number) noexcept;

}  // namespace bulla::ca
