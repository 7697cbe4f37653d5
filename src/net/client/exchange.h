// One request and its response over one TLS stream.
#pragma once

#include <bulla/https_client.h>
#include <bulla/tls_stream.h>

namespace bulla::net {

/// What a round trip brought, and whether the stream can carry another.
struct RoundTrip {
  http::ResponseHead head;
  http::Persistence persistence = http::Persistence::close;
  Milliseconds first_byte = {};
};

/// A failure, and whether not a single byte of a response had come by then: on a connection that was used
/// before, the server may have closed it in the meantime (RFC 9112 §9.3.1).
struct RoundTripFailure {
  Error error;
  bool nothing_came = false;
};

/// Where the parts of a body go.
using PartSink = std::function<Result<void>(const http::ResponseHead&, Bytes)>;

/// Sends `bytes`, the serialized request, and receives the response.
std::variant<RoundTrip, RoundTripFailure> round_trip(TlsStream& stream, Bytes bytes,
                                                     http::Expecting expecting,
                                                     const http::ResponseLimits& limits,
                                                     const PartSink& sink);

}  // namespace bulla::net
