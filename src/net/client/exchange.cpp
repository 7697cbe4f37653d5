#include "net/client/exchange.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace bulla::net {
namespace {

using Clock = std::chrono::steady_clock;

/// The receiving half of a round trip.
class Receiver {
 public:
  Receiver(TlsStream& stream, http::Expecting expecting, const http::ResponseLimits& limits,
           const PartSink& sink)
      : stream_(stream), parser_(expecting, limits), sink_(sink), buffer_(size_t{16} << 10) {}

  Result<void> run() {
    while (!parser_.done()) {
      const auto n = stream_.read(buffer_);
      if (!n && n.error().code != ErrorCode::truncated) return n.error();
      if (!n || *n == 0) {
        // A body without a length ends with the connection: then close_notify tells whole from cut off.
        BULLA_TRY(parser_.finish(n ? http::StreamEnd::clean : http::StreamEnd::cut));
        closed_ = true;
        return {};
      }
      BULLA_TRY(came(*n));
    }
    return {};
  }

  /// Takes what is there of the response while the request is still being sent. How the stream ends, or
  /// fails, shows in what follows.
  Result<void> look() {
    while (!parser_.done()) {
      const auto n = stream_.read_available(buffer_);
      if (!n || !*n || **n == 0) return {};
      BULLA_TRY(came(**n));
    }
    return {};
  }
  /// The final response says no, so that the rest of the request is of no use (RFC 9112 §9.3: the connection
  /// is not either then).
  bool is_refusal() const noexcept { return parser_.head().status >= 300; }

  bool anything() const noexcept { return anything_; }
  RoundTrip result() const {
    RoundTrip out{.head = parser_.head(), .persistence = parser_.persistence(), .first_byte = first_byte_};
    if (closed_ || left_over_) out.persistence = http::Persistence::close;
    return out;
  }

 private:
  Result<void> came(size_t n) {
    if (!std::exchange(anything_, true))
      first_byte_ = std::chrono::round<Milliseconds>(Clock::now() - start_);
    return take(Bytes(buffer_).first(n));
  }

  Result<void> take(Bytes in) {
    for (;;) {
      BULLA_TRY(const http::ResponseParser::Event event, parser_.next(in));
      if (const auto* part = std::get_if<http::ResponseParser::BodyPart>(&event)) {
        BULLA_TRY(sink_(parser_.head(), part->bytes));
      } else if (std::holds_alternative<http::ResponseParser::Done>(event)) {
        left_over_ = !in.empty();  // bytes that nobody asked for: the connection is not to be trusted further
        return {};
      } else if (std::holds_alternative<http::ResponseParser::NeedInput>(event)) {
        return {};
      }
    }
  }

  TlsStream& stream_;
  http::ResponseParser parser_;
  const PartSink& sink_;
  std::vector<uint8_t> buffer_;
  const Clock::time_point start_ = Clock::now();
  Milliseconds first_byte_ = {};
  bool anything_ = false, closed_ = false, left_over_ = false;
};

/// A request is sent in slices of this, with a look at what the server says in between. A socket that takes
/// anything takes so much.
constexpr size_t upload_slice = size_t{16} << 10;

struct Sent {
  Result<void> written;
  bool whole = true;
};

Result<Sent> send_request(TlsStream& stream, Bytes bytes, Receiver& receiver) {
  for (;;) {
    const Bytes slice = bytes.first(std::min(bytes.size(), upload_slice));
    if (auto written = stream.write(slice); !written) return Sent{std::move(written), false};
    bytes = bytes.subspan(slice.size());
    if (bytes.empty()) return Sent{{}, true};
    for (;;) {
      const auto ready = stream.wait_ready();
      if (!ready) return Sent{ready.error(), false};
      if (*ready == TlsStream::Ready::writable) break;
      BULLA_TRY(receiver.look());
      if (receiver.is_refusal()) return Sent{{}, false};
    }
  }
}

}  // namespace

std::variant<RoundTrip, RoundTripFailure> round_trip(TlsStream& stream, Bytes bytes,
                                                     http::Expecting expecting,
                                                     const http::ResponseLimits& limits,
                                                     const PartSink& sink) {
  Receiver receiver(stream, expecting, limits, sink);
  const auto sent = send_request(stream, bytes, receiver);
  if (!sent) return RoundTripFailure{sent.error()};
  const Result<void>& written = sent->written;
  // A server may answer and close before it has read all (413, 401): the answer is worth more than the
  // failure.
  const bool broken = !written && written.error().code != ErrorCode::connection_reset &&
                      written.error().code != ErrorCode::truncated;
  if (broken) return RoundTripFailure{written.error()};
  if (const auto received = receiver.run(); !received)
    return RoundTripFailure{!written && !receiver.anything() ? written.error() : received.error(),
                            !receiver.anything()};
  RoundTrip out = receiver.result();
  if (!sent->whole) out.persistence = http::Persistence::close;
  return out;
}

}  // namespace bulla::net
