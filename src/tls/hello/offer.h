// What a ClientHello of ours offered: kept until the server has answered it.
#pragma once

#include "tls/context.h"
#include "tls/ext/rules.h"
#include "tls/msg/client_hello.h"

#include <bulla/session.h>

#include <algorithm>

namespace bulla::tls {

struct OfferedShare {
  NamedGroup group = {};
  KeyPair keys = {};
};

struct Offer {
  std::vector<ExtensionType> extensions = {};  ///< of the last ClientHello, for check_solicited
  std::vector<uint8_t> session_id = {};        ///< legacy_session_id as sent
  std::vector<OfferedShare> shares = {};
  /// Offered for resumption: as PSK (1.3), or as ticket or session id (1.2). May be null.
  ClientSessionPtr session = {};

  bool has(ExtensionType type) const noexcept {
    return std::ranges::find(extensions, type) != extensions.end();
  }
};

/// A ClientHello that a server received, with the bytes that it views.
struct ReceivedHello {
  std::vector<uint8_t> whole;
  ClientHello hello;
};

}  // namespace bulla::tls
