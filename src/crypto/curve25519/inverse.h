// Inverses modulo p when this runs: by division steps, which take less long than the powers of field.h, and
// of several elements by one of them. In constant time, but for what is named otherwise.
#pragma once

#include "crypto/curve25519/field.h"

namespace bulla::crypto::curve25519 {

/// 1/a, and zero for zero.
Element inverse(const Element& a) noexcept;
/// The same for public elements.
Element inverse_vartime(const Element& a) noexcept;

/// How many invert_all() takes.
inline constexpr size_t most_inverses = 8;
/// Replaces each by its inverse, and zero by zero.
void invert_all(std::span<Element> all) noexcept;

}  // namespace bulla::crypto::curve25519
