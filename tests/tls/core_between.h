// Two handshake cores with an attacker between them, who alters messages on their way.
#pragma once

#include "tls/core.h"
#include "tls/msg/client_hello.h"
#include "tls/msg/server_hello.h"
#include "tls/pair.h"

#include <functional>
#include <optional>

namespace bulla::test {

using Wire = std::vector<uint8_t>;
/// Changes a message on its way; what it leaves alone goes through.
using Alter = std::function<void(Toward, Wire&)>;

/// The first refusal of either side, if there is one.
std::optional<Error> refusal_of(const ClientOptions& client, const ServerOptions& server, const Alter& alter);
std::optional<ErrorCode> refusal(const ClientOptions& client, const ServerOptions& server,
                                 const Alter& alter);

inline void leave_alone(Toward, Wire&) {}
inline HandshakeType type_of(const Wire& message) {
  return static_cast<HandshakeType>(message[0]);
}

/// Alters the n-th ClientHello.
Alter alter_hello(int nth, std::function<void(tls::ClientHello&)> change);
/// Alters the ServerHello (of TLS 1.3).
Alter alter_server_hello(std::function<void(tls::ServerHello&)> change);
/// Alters the HelloRetryRequest.
Alter alter_retry(std::function<void(tls::HelloRetryRequest&)> change);

}  // namespace bulla::test
