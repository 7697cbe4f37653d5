// libcrypto behind the provider seam: for who must use it, and as a second opinion in tests. In the library
// bulla::openssl, which exists where Bulla was built with BULLA_OPENSSL=ON; nothing else of Bulla links
// libcrypto.
#pragma once

#include <bulla/provider.h>

namespace bulla {

/// Takes its primitives from libcrypto 3.0 or later, never from libssl. Name it in a config:
/// `options.common.provider = &openssl_provider()`. What libcrypto's configuration (OPENSSL_CONF) does not
/// give at the first call is in no table from then on; where it has no random generator, the system's is
/// used. libcrypto cleans up when the program ends: no destructor of a static may use this provider.
const Provider& openssl_provider() noexcept;

}  // namespace bulla
