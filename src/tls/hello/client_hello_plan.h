// A ClientHello is encoded from a plan, and may be encoded more than once: after a HelloRetryRequest, and by
// tests that want it as somebody else wrote it.
#pragma once

#include "tls/hello/offer.h"

namespace bulla::tls::hello {

/// Sends the ClientHello of `offer`, binders computed over the transcript so far; fills in offer.extensions.
void send_client_hello(ClientContext& ctx, Offer& offer, Bytes cookie);

/// The session to offer, from the config's store; null where none fits what is enabled now.
ClientSessionPtr session_to_offer(ClientContext& ctx);

}  // namespace bulla::tls::hello
