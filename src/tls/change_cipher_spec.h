// The change_cipher_spec record of TLS 1.2 as the handshake sees it (RFC 5246 §7.1): not a handshake message.
#pragma once

namespace bulla::tls {

struct ChangeCipherSpec {};

}  // namespace bulla::tls
