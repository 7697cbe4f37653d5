// The part of bulla::asio::stream that is no template: the engine with its buffers, and errors as
// error_codes. Programs include <bulla/asio_stream.h>.
#pragma once

#include <bulla/connection.h>

#include <boost/asio/buffer.hpp>
#include <boost/system/error_code.hpp>

#include <array>
#include <functional>
#include <memory>
#include <optional>

namespace bulla::asio {

/// Every row of errors.def as an error_code, so that `ec == stream_errc::truncated` works.
enum class stream_errc : int {
#define BULLA_ERROR(name, fault, alert, section, sentence, remedy) \
  name = 1 + static_cast<int>(ErrorCode::name),
#include <bulla/errors.def>
#undef BULLA_ERROR
};

/// The category of stream_errc; its messages are the sentences of the table.
const ::boost::system::error_category& stream_category() noexcept;
/// For `ec == stream_errc::truncated`.
inline ::boost::system::error_code make_error_code(stream_errc code) noexcept {
  return {static_cast<int>(code), stream_category()};
}
/// A row of errors.def as an error_code.
inline ::boost::system::error_code make_error_code(ErrorCode code) noexcept {
  return {1 + static_cast<int>(code), stream_category()};
}

/// Takes an operation away to be answered; the answer goes to the function, once, from any thread. Owns the
/// operation.
using operation_handler = std::function<void(Operation, std::function<void(Answer)>)>;

namespace detail {

/// A receive buffer of the calling thread's small pool, given back when the loan ends.
class buffer_loan {
 public:
  buffer_loan() noexcept = default;
  buffer_loan(buffer_loan&&) noexcept = default;
  buffer_loan& operator=(buffer_loan&& other) noexcept {
    give_back();
    buffer_ = std::move(other.buffer_);
    return *this;
  }
  ~buffer_loan() { give_back(); }
  explicit operator bool() const noexcept { return buffer_ != nullptr; }
  /// The buffer; borrowed now if it was not before.
  ReceiveBuffer& get();
  void give_back() noexcept;  ///< to the pool of the thread that calls

 private:
  std::unique_ptr<ReceiveBuffer> buffer_;
};

/// The engine with its buffers, driven by the operations of the stream above; no part of the interface.
class stream_core {
 public:
  /// What a turn of the engine led to. `again`: call once more at once.
  enum class step : uint8_t { again, need_input, need_answer, handshake_done, data, closed, failed };

  stream_core(Connection connection, std::shared_ptr<const void> config, const Services& services) noexcept
      : connection_(std::move(connection)), config_(std::move(config)), services_(services) {}

  Connection& connection() noexcept { return connection_; }
  const Connection& connection() const noexcept { return connection_; }

  step next();
  /// The same for a handshake, which a read may have made on its way.
  step next_handshake();
  /// The same for a reader: decrypted bytes that are left from before come first.
  step next_data() { return data_.empty() ? next() : step::data; }
  /// How long the handshake may still take by the engine's own limit.
  std::optional<Milliseconds> handshake_limit() const noexcept;

  // Operations that left the engine.
  std::optional<Operation> take_operation() noexcept { return std::exchange(operation_, std::nullopt); }
  void perform_inline(const Operation& operation) { complete(operation.id, perform(operation, services_)); }
  void complete(OperationId id, Answer answer);

  // Input.
  MutBytes space() { return space_ = in_.get().space(); }
  void filled(size_t n) noexcept;
  /// The last receive filled all of its space, so that more waits to be received.
  bool more_is_likely() const noexcept { return filled_whole_; }
  void end_of_input();
  /// Gives the buffer back, if nothing is in it.
  void rest() noexcept;

  /// Copies decrypted bytes to `buffers`.
  template <class Buffers>
  size_t take(const Buffers& buffers) {
    const size_t n =
        ::boost::asio::buffer_copy(buffers, ::boost::asio::const_buffer(data_.data(), data_.size()));
    data_ = data_.subspan(n);
    return n;
  }

  // Output: what the engine appends, and what a write to the layer below holds on to meanwhile.
  template <class Buffers>
  size_t send(const Buffers& buffers, ::boost::system::error_code& ec) {
    std::array<Bytes, 16> pieces;
    size_t count = 0, total = 0;
    for (auto i = ::boost::asio::buffer_sequence_begin(buffers);
         i != ::boost::asio::buffer_sequence_end(buffers) && count < pieces.size() && total < max_send; ++i) {
      const ::boost::asio::const_buffer buffer(*i);
      const size_t n = std::min(buffer.size(), max_send - total);
      if (n == 0) continue;
      pieces[count++] = Bytes{static_cast<const uint8_t*>(buffer.data()), n};
      total += n;
    }
    return send_pieces(std::span<const Bytes>(pieces).first(count), ec);
  }
  ::boost::system::error_code close_write();
  /// Whether there is something to write to the layer below; then in_flight() has it.
  bool start_flush() noexcept;
  Bytes in_flight() const noexcept { return in_flight_.pending(); }
  void flushed(size_t n) noexcept;

  // Failures.
  void refuse(Error error) { failed_ = std::move(error); }
  void transport_failed(const ::boost::system::error_code& ec);
  ::boost::system::error_code error() const noexcept;
  const std::optional<Error>& last_error() const noexcept { return failed_; }

 private:
  static constexpr size_t max_send = size_t{64} << 10;
  size_t send_pieces(std::span<const Bytes> pieces, ::boost::system::error_code& ec);
  step on(Event event);

  Connection connection_;
  std::shared_ptr<const void> config_;  // keeps the services alive
  const Services& services_;
  buffer_loan in_;
  MutBytes space_, data_;  // both lie in the borrowed buffer
  Output out_, in_flight_;
  std::optional<Operation> operation_;
  std::optional<Event> end_;  // what the end of the transport meant
  std::optional<Error> failed_;
  ::boost::system::error_code transport_;  // the layer below failed with this
  bool filled_whole_ = false;
  bool closed_ = false;
};

/// Connection::client for a name as text. Where it is none, the stream fails before its connection is used;
/// that has the name "invalid" then, which nobody has (RFC 6761 §6.4).
Connection client_connection(const ClientConfigPtr& config, std::string_view name);

}  // namespace detail
}  // namespace bulla::asio

template <>
struct boost::system::is_error_code_enum<bulla::asio::stream_errc> : std::true_type {};
