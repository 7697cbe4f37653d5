// The server before the version is known: START of RFC 9846 §A.2, for both versions.
#pragma once

#include "tls/hello/offer.h"
#include "tls/one_of.h"
#include "tls/tls12/server.h"
#include "tls/tls13/server.h"

namespace bulla::tls::hello {

struct WaitCh {
  static constexpr std::string_view name = "START";
  using Next = Join<tls13::server::AfterClientHello, tls12::ServerAfterHello>;
  Result<Next> on(ReceivedHello&&, ServerContext&) &&;
};

}  // namespace bulla::tls::hello
