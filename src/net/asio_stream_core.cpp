#include <bulla/asio_stream_core.h>
#include <bulla/os.h>

#include <algorithm>
#include <string>

namespace bulla::asio {
namespace {

class StreamCategory final : public ::boost::system::error_category {
 public:
  const char* name() const noexcept override { return "bulla"; }
  std::string message(int value) const override {
    size_t count = 0;
    const ErrorRow* rows = all_error_rows(count);
    if (value < 1 || static_cast<size_t>(value) > count) return "unknown";
    return std::string(rows[value - 1].sentence);
  }
};

/// Buffers that no connection of this thread needs now.
struct Pool {
  static constexpr size_t most = 32;
  std::vector<std::unique_ptr<ReceiveBuffer>> buffers;
};
thread_local Pool pool;

}  // namespace

const ::boost::system::error_category& stream_category() noexcept {
  static const StreamCategory category;
  return category;
}

namespace detail {

ReceiveBuffer& buffer_loan::get() {
  if (buffer_) return *buffer_;
  if (pool.buffers.empty()) {
    buffer_ = std::make_unique<ReceiveBuffer>();
  } else {
    buffer_ = std::move(pool.buffers.back());
    pool.buffers.pop_back();
  }
  return *buffer_;
}

void buffer_loan::give_back() noexcept {
  if (!buffer_) return;
  buffer_->unread = {};
  if (pool.buffers.size() < Pool::most)
    pool.buffers.push_back(std::move(buffer_));
  else
    buffer_.reset();
}

stream_core::step stream_core::next() {
  if (failed_) return step::failed;
  if (closed_) return step::closed;
  if (end_) return on(*std::exchange(end_, std::nullopt));
  MutBytes nothing;
  return on(connection_.next(in_ ? in_.get().unread : nothing, out_, now()));
}

stream_core::step stream_core::next_handshake() {
  return connection_.handshake_done() && !failed_ ? step::handshake_done : next();
}

stream_core::step stream_core::on(Event event) {
  if (std::holds_alternative<NeedInput>(event)) return step::need_input;
  if (std::holds_alternative<NeedAnswer>(event)) return step::need_answer;
  if (std::holds_alternative<HandshakeDone>(event)) return step::handshake_done;
  if (const auto* application_data = std::get_if<AppData>(&event)) {
    data_ = application_data->bytes;
    return data_.empty() ? step::again : step::data;
  }
  if (auto* operation = std::get_if<Operation>(&event)) {
    operation_ = std::move(*operation);
    return step::again;
  }
  if (std::holds_alternative<PeerClosed>(event)) {
    closed_ = true;
    return step::closed;
  }
  if (auto* failure = std::get_if<Failed>(&event)) {
    failed_ = std::move(failure->error);
    return step::failed;
  }
  if (std::holds_alternative<Truncated>(event)) {
    failed_ = Error{ErrorCode::truncated};
    return step::failed;
  }
  return step::again;  // early data is not asked for
}

std::optional<Milliseconds> stream_core::handshake_limit() const noexcept {
  const auto limit = connection_.deadline();
  if (!limit) return std::nullopt;
  return std::max(Milliseconds(0), std::chrono::ceil<Milliseconds>(*limit - now())) + Milliseconds(1);
}

void stream_core::complete(OperationId id, Answer answer) {
  if (failed_) return;
  if (auto result = connection_.complete(id, std::move(answer)); !result) failed_ = std::move(result).error();
}

void stream_core::filled(size_t n) noexcept {
  if (n > 0) in_.get().filled(n);
  filled_whole_ = n > 0 && n == space_.size();
}

void stream_core::end_of_input() {
  end_ = connection_.end_of_input();
}

void stream_core::rest() noexcept {
  if (in_ && in_.get().unread.empty() && data_.empty()) in_.give_back();
}

size_t stream_core::send_pieces(std::span<const Bytes> pieces, ::boost::system::error_code& ec) {
  if (failed_) {
    ec = error();
    return 0;
  }
  auto sent = connection_.send(pieces, out_);
  if (sent) return *sent;
  // Sending at the wrong time harms nobody but the caller: the connection stays what it is.
  ec = make_error_code(sent.error().code);
  return 0;
}

::boost::system::error_code stream_core::close_write() {
  // RFC 9846 §6.1: close_notify is said also to a peer that hung up without it.
  const bool cut_off = failed_ && failed_->code == ErrorCode::truncated && connection_.handshake_done();
  if (failed_ && !cut_off) return error();
  if (auto result = connection_.close_write(out_); !result) return make_error_code(result.error().code);
  return {};
}

bool stream_core::start_flush() noexcept {
  if (in_flight_.empty()) std::swap(in_flight_, out_);
  return !in_flight_.empty();
}

void stream_core::flushed(size_t n) noexcept {
  in_flight_.sent(n);
  in_flight_.release();
}

void stream_core::transport_failed(const ::boost::system::error_code& ec) {
  out_.clear();
  if (failed_) return;
  transport_ = ec;
  failed_ = Error{ErrorCode::io_failed, ec.message()};
}

::boost::system::error_code stream_core::error() const noexcept {
  if (transport_) return transport_;
  return failed_ ? make_error_code(failed_->code) : ::boost::system::error_code();
}

Connection client_connection(const ClientConfigPtr& config, std::string_view name) {
  auto parsed = ServerName::parse(name);
  if (!parsed) parsed = ServerName::parse("invalid");  // RFC 6761 §6.4: a name that nobody has
  return Connection::client(config, *std::move(parsed));
}

}  // namespace detail
}  // namespace bulla::asio
