// dangerous::WireShape put into effect: a handshake message's extensions as a test wants them on the wire.
#pragma once

#include <bulla/config.h>

namespace bulla::tls {

/// Rewrites the extensions of `whole`, one encoded handshake message of TLS 1.3 with its header, as `shape`
/// says. `retried`: a HelloRetryRequest came before it. Messages that the shape does not speak of stay as
/// they are.
void apply_shape(const dangerous::WireShape& shape, bool retried, std::vector<uint8_t>& whole);

}  // namespace bulla::tls
