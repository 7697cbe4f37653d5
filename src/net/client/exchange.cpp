#include "net/client/exchange.h"

#include <optional>

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
    const auto start = Clock::now();
    while (!parser_.done()) {
      const auto n = stream_.read(buffer_);
      if (!n && n.error().code != ErrorCode::truncated) return n.error();
      if (!n || *n == 0) {
        // A body without a length ends with the connection: then close_notify tells whole from cut off.
        BULLA_TRY(parser_.finish(n ? http::StreamEnd::clean : http::StreamEnd::cut));
        closed_ = true;
        return {};
      }
      anything_ = true;
      if (first_byte_ == Milliseconds::zero())
        first_byte_ = std::chrono::round<Milliseconds>(Clock::now() - start);
      BULLA_TRY(take(Bytes(buffer_).first(*n)));
    }
    return {};
  }

  bool anything() const noexcept { return anything_; }
  RoundTrip result() const {
    RoundTrip out{.head = parser_.head(), .persistence = parser_.persistence(), .first_byte = first_byte_};
    if (closed_ || left_over_) out.persistence = http::Persistence::close;
    return out;
  }

 private:
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
  Milliseconds first_byte_ = {};
  bool anything_ = false, closed_ = false, left_over_ = false;
};

}  // namespace

std::variant<RoundTrip, RoundTripFailure> round_trip(TlsStream& stream, Bytes bytes,
                                                     http::Expecting expecting,
                                                     const http::ResponseLimits& limits,
                                                     const PartSink& sink) {
  const auto written = stream.write(bytes);
  Receiver receiver(stream, expecting, limits, sink);
  // A server may answer and close before it has read all (413, 401): the answer is worth more than the
  // failure.
  const bool broken = !written && written.error().code != ErrorCode::connection_reset;
  if (broken) return RoundTripFailure{written.error()};
  if (const auto received = receiver.run(); !received)
    return RoundTripFailure{!written && !receiver.anything() ? written.error() : received.error(),
                            !receiver.anything()};
  RoundTrip out = receiver.result();
  if (!written) out.persistence = http::Persistence::close;
  return out;
}

}  // namespace bulla::net
