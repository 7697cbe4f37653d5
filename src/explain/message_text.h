// One handshake message in words: a headline and the facts below it. Whatever the peer chose is made safe for
// a terminal. What does not parse is said to be so; the engine is the judge of it, not this text.
#pragma once

#include <bulla/tap.h>

#include <optional>
#include <string>
#include <vector>

namespace bulla::explain {

struct MessageText {
  std::string headline;            ///< "ClientHello, 247 bytes"
  std::vector<std::string> facts;  ///< "cipher suites  TLS_AES_128_GCM_SHA256, ..."
};

/// `version`: what has been agreed by now; nothing before the ServerHello. It decides the form of messages
/// that differ between TLS 1.2 and 1.3.
MessageText describe_message(const MessageSeen& seen, std::optional<ProtocolVersion> version);

}  // namespace bulla::explain
