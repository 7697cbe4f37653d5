// Writing extension blocks: each type once, fields before what is merely passed on.
#pragma once

#include "base/writer.h"
#include "tls/ext/rules.h"

#include <concepts>

namespace bulla::tls {

/// struct { ExtensionType extension_type; opaque extension_data<0..2^16-1>; } Extension;
template <std::invocable<Writer&> F>
void write_extension(Writer& w, ExtensionType type, F&& body) {
  w.value(type);
  w.u16_prefixed(body);
}
inline void write_extension(Writer& w, ExtensionType type, Bytes body = {}) {
  w.value(type);
  w.u16_bytes(body);
}

/// Whether a message has a field of its own for a type is known where the message is written:
/// `is_field(type)` says so. What was decoded into a field is not written a second time from the raw list.
template <std::predicate<ExtensionType> F>
void write_rest(Writer& w, const RawExtensions& extensions, F&& is_field) {
  for (const RawExtension& e : extensions)
    if (!is_field(e.type)) write_extension(w, e.type, e.body);
}

}  // namespace bulla::tls
