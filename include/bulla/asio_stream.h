// TLS for Boost.Asio: `bulla::asio::stream<tcp::socket>` takes the place of asio::ssl::stream. The name that
// the server must prove is an argument of the constructor, so that SNI and verification cannot be forgotten.
//
//   bulla::asio::stream<tcp::socket> tls(std::move(socket), config, "example.com");
//   co_await tls.async_handshake(use_awaitable);
//   co_await boost::asio::async_write(tls, boost::asio::buffer(request), use_awaitable);
//
// One read and one write may be in progress at once, with a handshake counting as a read and a shutdown as a
// write; a second of its kind does nothing and ends with boost::asio::error::already_started. A stream's
// operations run on one executor that does not run them in parallel: a strand, or a single-threaded context.
#pragma once

#include <bulla/asio_stream_core.h>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/coroutine.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/socket_base.hpp>

#include <chrono>
#include <memory>
#include <type_traits>
#include <utility>

namespace bulla::asio {
namespace detail {

template <class Layer>
struct lowest_layer_of {
  using type = Layer;
  static type& get(Layer& layer) noexcept { return layer; }
};
template <class Layer>
  requires requires(Layer& layer) { layer.lowest_layer(); }
struct lowest_layer_of<Layer> {
  using type = std::remove_reference_t<decltype(std::declval<Layer&>().lowest_layer())>;
  static type& get(Layer& layer) noexcept { return layer.lowest_layer(); }
};

/// A socket can say that it is readable before a buffer is there for it.
template <class Layer>
inline constexpr bool is_socket = std::is_base_of_v<::boost::asio::socket_base, Layer>;

/// What a stream and its pending operations share. Operations hold it by shared_ptr, so that the end of the
/// stream, which closes the socket, leaves them with valid memory.
template <class NextLayer>
struct shared_stream : std::enable_shared_from_this<shared_stream<NextLayer>> {
  using layer_type = std::remove_reference_t<NextLayer>;
  using executor_type = typename layer_type::executor_type;
  using timer_type = ::boost::asio::basic_waitable_timer<
      std::chrono::steady_clock, ::boost::asio::wait_traits<std::chrono::steady_clock>, executor_type>;
  template <class Layer, class ConfigPtr>
  shared_stream(Layer&& layer, Connection connection, const ConfigPtr& config)
      : next_layer(std::forward<Layer>(layer)), core(std::move(connection), config, config->services()) {}

  /// The timer that an operation waits on until wake() of the same one.
  timer_type& sleep(std::unique_ptr<timer_type>& timer) {
    if (!timer) timer = std::make_unique<timer_type>(next_layer.get_executor());
    timer->expires_at(std::chrono::steady_clock::time_point::max());
    return *timer;
  }
  void wake(std::unique_ptr<timer_type>& timer) {
    if (timer) timer->cancel();
  }

  /// Ends the handshake when the engine's own limit says so, even if nothing arrives.
  void start_handshake_timer() {
    const auto limit = core.handshake_limit();
    if (!limit || handshake_timer) return;
    handshake_timer = std::make_unique<timer_type>(next_layer.get_executor());
    handshake_timer->expires_after(*limit);
    handshake_timer->async_wait([weak = this->weak_from_this()](const ::boost::system::error_code& ec) {
      const auto self = weak.lock();
      if (ec || !self || !self->handshake_timer) return;
      self->handshake_expired = true;
      self->cancel();
    });
  }
  void cancel() {
    auto& lowest = lowest_layer_of<layer_type>::get(next_layer);
    wake(answers);
    ::boost::system::error_code ignored;
    if constexpr (requires { lowest.cancel(ignored); })
      lowest.cancel(ignored);
    else if constexpr (requires { lowest.cancel(); })
      lowest.cancel();
  }
  void close() {
    closed = true;
    handshake_timer.reset();
    wake(answers);
    wake(write_turn);
    auto& lowest = lowest_layer_of<layer_type>::get(next_layer);
    ::boost::system::error_code ignored;
    if constexpr (requires { lowest.close(ignored); })
      lowest.close(ignored);
    else if constexpr (requires { lowest.close(); })
      lowest.close();
  }

  NextLayer next_layer;
  stream_core core;
  operation_handler on_operation;
  bool receiving = false;  // a handshake or read is in progress
  bool sending = false;    // a write or shutdown is in progress
  bool flushing = false;   // an operation is writing core.in_flight()
  bool handshake_expired = false;
  bool answered = false;                   // an answer came since the engine was last asked
  bool closed = false;                     // the stream is gone
  std::unique_ptr<timer_type> write_turn;  // a write waits here while a read flushes
  std::unique_ptr<timer_type> answers;     // a handshake waits here for an operation's answer
  std::unique_ptr<timer_type> handshake_timer;
};

template <class NextLayer>
using shared_ptr_to = std::shared_ptr<shared_stream<NextLayer>>;

/// Gives an answer from whatever thread has it to the stream's executor.
template <class NextLayer>
void hand_out(const shared_ptr_to<NextLayer>& shared) {
  while (auto operation = shared->core.take_operation()) {
    if (!shared->on_operation) {
      shared->core.perform_inline(*operation);
      continue;
    }
    const OperationId id = operation->id;
    auto executor = shared->next_layer.get_executor();
    std::weak_ptr<shared_stream<NextLayer>> weak = shared;
    shared->on_operation(*std::move(operation), [id, executor, weak](Answer answer) {
      ::boost::asio::post(executor, [id, weak, answer = std::move(answer)]() mutable {
        const auto stream = weak.lock();
        if (!stream) return;
        stream->core.complete(id, std::move(answer));
        stream->answered = true;
        stream->wake(stream->answers);
      });
    });
  }
}

/// Drives the engine: until the handshake is done, or until there is data for `buffers`. Signature of the
/// handshake: void(error_code); of the read: void(error_code, size_t).
template <class NextLayer, class Buffers>
class drive_op : ::boost::asio::coroutine {
 public:
  static constexpr bool is_handshake = std::is_void_v<Buffers>;
  using stored_buffers = std::conditional_t<is_handshake, std::nullptr_t, Buffers>;
  drive_op(shared_ptr_to<NextLayer> shared, stored_buffers buffers)
      : shared_(std::move(shared)), buffers_(std::move(buffers)) {}

  template <class Self>
  void operator()(Self& self, ::boost::system::error_code ec = {}, size_t n = 0) {
    stream_core& core = shared_->core;
    BOOST_ASIO_CORO_REENTER(*this) {
      if (std::exchange(shared_->receiving, true)) {
        BOOST_ASIO_CORO_YIELD ::boost::asio::post(shared_->next_layer.get_executor(), std::move(self));
        return complete(self, ::boost::asio::error::already_started, 0);
      }
      prepare(self);
      while (!finished()) {
        shared_->answered = false;
        step_ = is_handshake ? core.next_handshake() : core.next_data();
        look_around();
        // What the engine has to say goes out first. While a write flushes, it takes this along.
        if (!shared_->flushing && core.start_flush()) {
          shared_->flushing = true;
          do {
            BOOST_ASIO_CORO_YIELD write_some(self);
            waited_ = true;
            core.flushed(ec && !harmless(ec) ? core.in_flight().size() : n);
          } while (!ec && core.start_flush());
          shared_->flushing = false;
          shared_->wake(shared_->write_turn);
          if (harmless(ec)) return finish(self, ec);
          if (ec && !expired(ec)) core.transport_failed(ec);
        }
        if (step_ == stream_core::step::need_input && !core.last_error()) {
          if (!is_socket<layer_type> || !core.more_is_likely()) {
            BOOST_ASIO_CORO_YIELD start_input(self);
            waited_ = true;
            if (harmless(ec)) return finish(self, ec);
          }
          receive(ec, n);
        } else if (step_ == stream_core::step::need_answer && !shared_->answered) {
          BOOST_ASIO_CORO_YIELD shared_->sleep(shared_->answers).async_wait(std::move(self));
          waited_ = true;
          if (shared_->closed || self.cancelled() != ::boost::asio::cancellation_type::none)
            return finish(self, ::boost::asio::error::operation_aborted);
        }
      }
      // A completion handler never runs inside the function that started its operation.
      if (!waited_) {
        BOOST_ASIO_CORO_YIELD ::boost::asio::post(shared_->next_layer.get_executor(), std::move(self));
      }
      finish(self, result());
    }
  }

 private:
  using layer_type = typename shared_stream<NextLayer>::layer_type;

  template <class Self>
  void prepare(Self& self) {
    self.reset_cancellation_state(::boost::asio::enable_total_cancellation());
    if constexpr (is_socket<layer_type>) {
      ::boost::system::error_code ignored;  // a socket that is closed already fails at the first wait
      if (!shared_->next_layer.non_blocking()) shared_->next_layer.non_blocking(true, ignored);
    }
    if constexpr (!is_handshake)
      if (::boost::asio::buffer_size(buffers_) == 0) step_ = stream_core::step::data;
  }
  bool finished() const {
    switch (step_) {
      case stream_core::step::data:
      case stream_core::step::closed:
      case stream_core::step::failed: return true;
      case stream_core::step::handshake_done: return is_handshake;  // a read makes the handshake on its way
      default: return false;
    }
  }
  /// What else a turn of the engine asks for.
  void look_around() {
    hand_out<NextLayer>(shared_);
    if (is_handshake) shared_->start_handshake_timer();
    if (shared_->handshake_expired && step_ == stream_core::step::need_input) {
      shared_->core.refuse(Error{ErrorCode::handshake_timeout});
      step_ = stream_core::step::failed;
    }
  }
  template <class Self>
  void write_some(Self& self) {
    const Bytes bytes = shared_->core.in_flight();
    shared_->next_layer.async_write_some(::boost::asio::const_buffer(bytes.data(), bytes.size()),
                                         std::move(self));
  }
  /// A socket is waited for with no buffer held; another layer gets its buffer at once.
  template <class Self>
  void start_input(Self& self) {
    if constexpr (is_socket<layer_type>) {
      shared_->core.rest();
      shared_->next_layer.async_wait(::boost::asio::socket_base::wait_read, std::move(self));
    } else {
      shared_->next_layer.async_read_some(input_space(), std::move(self));
    }
  }
  void receive(::boost::system::error_code& ec, size_t n) {
    stream_core& core = shared_->core;
    if constexpr (is_socket<layer_type>)
      if (!ec) n = shared_->next_layer.read_some(input_space(), ec);
    if (ec == ::boost::asio::error::would_block || ec == ::boost::asio::error::try_again || expired(ec))
      core.filled(0);
    else if (ec == ::boost::asio::error::eof)
      core.end_of_input();
    else if (ec)
      core.transport_failed(ec);
    else
      core.filled(n);
    ec = {};
  }
  ::boost::asio::mutable_buffer input_space() {
    const MutBytes space = shared_->core.space();
    return {space.data(), space.size()};
  }
  /// Cancelled while a socket was waited for: nothing was received or half sent, and the operation may be
  /// started again. What another layer has done by then is not known.
  bool harmless(const ::boost::system::error_code& ec) const {
    return is_socket<layer_type> && ec == ::boost::asio::error::operation_aborted &&
           !shared_->handshake_expired;
  }
  bool expired(const ::boost::system::error_code& ec) const {
    return ec == ::boost::asio::error::operation_aborted && shared_->handshake_expired;
  }
  ::boost::system::error_code result() const {
    switch (step_) {
      case stream_core::step::handshake_done:
      case stream_core::step::data: return {};
      case stream_core::step::closed: return ::boost::asio::error::eof;
      default: return shared_->core.error();
    }
  }
  template <class Self>
  void finish(Self& self, const ::boost::system::error_code& ec) {
    size_t taken = 0;
    if constexpr (is_handshake)
      shared_->handshake_timer.reset();
    else if (!ec)
      taken = shared_->core.take(buffers_);
    shared_->receiving = false;
    complete(self, ec, taken);
  }
  template <class Self>
  void complete(Self& self, const ::boost::system::error_code& ec, [[maybe_unused]] size_t taken) {
    shared_.reset();
    if constexpr (is_handshake)
      self.complete(ec);
    else
      self.complete(ec, taken);
  }

  shared_ptr_to<NextLayer> shared_;
  [[no_unique_address]] stored_buffers buffers_;
  stream_core::step step_ = stream_core::step::again;
  bool waited_ = false;
};

/// Encrypts (`Buffers` not void) or says close_notify (void), then sends. Signatures: void(error_code,
/// size_t) and void(error_code).
template <class NextLayer, class Buffers>
class send_op : ::boost::asio::coroutine {
 public:
  static constexpr bool is_shutdown = std::is_void_v<Buffers>;
  using stored_buffers = std::conditional_t<is_shutdown, std::nullptr_t, Buffers>;
  send_op(shared_ptr_to<NextLayer> shared, stored_buffers buffers)
      : shared_(std::move(shared)), buffers_(std::move(buffers)) {}

  template <class Self>
  void operator()(Self& self, ::boost::system::error_code ec = {}, size_t n = 0) {
    stream_core& core = shared_->core;
    BOOST_ASIO_CORO_REENTER(*this) {
      if (std::exchange(shared_->sending, true)) {
        BOOST_ASIO_CORO_YIELD ::boost::asio::post(shared_->next_layer.get_executor(), std::move(self));
        return complete(self, ::boost::asio::error::already_started);
      }
      while (shared_->flushing) {
        BOOST_ASIO_CORO_YIELD shared_->sleep(shared_->write_turn).async_wait(std::move(self));
        waited_ = true;
        if (shared_->closed || self.cancelled() != ::boost::asio::cancellation_type::none)
          return finish(self, ::boost::asio::error::operation_aborted);
      }
      encrypted_ = encrypt(ec);
      if (!ec && core.start_flush()) {
        shared_->flushing = true;
        do {
          BOOST_ASIO_CORO_YIELD write_some(self);
          waited_ = true;
          core.flushed(ec ? core.in_flight().size() : n);
        } while (!ec && core.start_flush());
        shared_->flushing = false;
        if (ec) core.transport_failed(ec);
      }
      saved_ = ec;
      if (!waited_) {
        BOOST_ASIO_CORO_YIELD ::boost::asio::post(shared_->next_layer.get_executor(), std::move(self));
      }
      finish(self, saved_);
    }
  }

 private:
  size_t encrypt(::boost::system::error_code& ec) {
    if constexpr (is_shutdown) {
      ec = shared_->core.close_write();
      return 0;
    } else {
      return shared_->core.send(buffers_, ec);
    }
  }
  template <class Self>
  void write_some(Self& self) {
    const Bytes bytes = shared_->core.in_flight();
    shared_->next_layer.async_write_some(::boost::asio::const_buffer(bytes.data(), bytes.size()),
                                         std::move(self));
  }
  template <class Self>
  void finish(Self& self, const ::boost::system::error_code& ec) {
    shared_->sending = false;
    complete(self, ec);
  }
  template <class Self>
  void complete(Self& self, const ::boost::system::error_code& ec) {
    shared_.reset();
    if constexpr (is_shutdown)
      self.complete(ec);
    else
      self.complete(ec, ec ? 0 : encrypted_);
  }

  shared_ptr_to<NextLayer> shared_;
  [[no_unique_address]] stored_buffers buffers_;
  ::boost::system::error_code saved_;
  size_t encrypted_ = 0;
  bool waited_ = false;
};

}  // namespace detail

/// A TLS stream over a socket or any other AsyncReadStream and AsyncWriteStream. `NextLayer` may be a
/// reference; then the layer outlives the stream and is not closed by it.
template <class NextLayer>
class stream {
  using shared_type = detail::shared_stream<NextLayer>;

 public:
  using next_layer_type = std::remove_reference_t<NextLayer>;                         ///< what TLS runs over
  using lowest_layer_type = typename detail::lowest_layer_of<next_layer_type>::type;  ///< the socket
  using executor_type = typename next_layer_type::executor_type;                      ///< as asio's

  /// The client's side. `name`: what the server's certificate must carry. `config`: not nullptr (asserted).
  template <class Layer>
  stream(Layer&& next_layer, const ClientConfigPtr& config, ServerName name)
      : shared_(std::make_shared<shared_type>(std::forward<Layer>(next_layer),
                                              Connection::client(config, std::move(name)), config)) {}
  /// The same for a name as text. A text that is no name makes every operation fail with bad_server_name.
  template <class Layer>
  stream(Layer&& next_layer, const ClientConfigPtr& config, std::string_view name)
      : shared_(std::make_shared<shared_type>(std::forward<Layer>(next_layer),
                                              detail::client_connection(config, name), config)) {
    if (const auto parsed = ServerName::parse(name); !parsed) shared_->core.refuse(parsed.error());
  }
  /// The server's side.
  template <class Layer>
  stream(Layer&& next_layer, const ServerConfigPtr& config)
      : shared_(std::make_shared<shared_type>(std::forward<Layer>(next_layer), Connection::server(config),
                                              config)) {}

  stream(stream&&) noexcept = default;  ///< pending operations go on
  /// Ends what was here, as the destructor does.
  stream& operator=(stream&& other) noexcept {
    if (this != &other) {
      end();
      shared_ = std::move(other.shared_);
    }
    return *this;
  }
  /// Closes the next layer (unless it is a reference); pending operations end with operation_aborted.
  ~stream() { end(); }

  executor_type get_executor() { return shared_->next_layer.get_executor(); }  ///< of the next layer
  /// The layer below: to set options, to close. Reading or writing it breaks TLS.
  next_layer_type& next_layer() noexcept { return shared_->next_layer; }
  const next_layer_type& next_layer() const noexcept { return shared_->next_layer; }  ///< likewise
  /// The socket at the bottom, for its addresses and options.
  lowest_layer_type& lowest_layer() noexcept {
    return detail::lowest_layer_of<next_layer_type>::get(shared_->next_layer);
  }

  /// What was agreed; lives as long as the stream.
  const ConnectionInfo& info() const noexcept { return shared_->core.connection().info(); }
  /// The engine, for exporters and key updates (which go out with the next write).
  Connection& connection() noexcept { return shared_->core.connection(); }
  /// The explained error behind the last error_code of stream_category(); nothing if there was none.
  const std::optional<Error>& last_error() const noexcept { return shared_->core.last_error(); }
  /// Who answers operations that the config names as external. The handler is called on the stream's
  /// executor; the function that it gets may be called once, from any thread. Without a handler they are
  /// answered inline.
  void on_operation(operation_handler handler) { shared_->on_operation = std::move(handler); }

  /// void(error_code): until the handshake is complete and verified, or has failed.
  template <class Token>
  auto async_handshake(Token&& token) {
    return ::boost::asio::async_compose<Token, void(::boost::system::error_code)>(
        detail::drive_op<NextLayer, void>(shared_, nullptr), token, shared_->next_layer);
  }
  /// void(error_code, size_t): at least one byte; eof after the peer's close_notify; stream_errc::truncated
  /// where the transport ended without it. Over a socket, a read (or handshake) that is cancelled has done
  /// nothing and may be started again; a write that is cancelled ends the stream, since part of a record may
  /// be on its way.
  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return ::boost::asio::async_compose<Token, void(::boost::system::error_code, size_t)>(
        detail::drive_op<NextLayer, Buffers>(shared_, buffers), token, shared_->next_layer);
  }
  /// void(error_code, size_t): encrypts and sends up to 64 KiB of the buffers.
  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return ::boost::asio::async_compose<Token, void(::boost::system::error_code, size_t)>(
        detail::send_op<NextLayer, Buffers>(shared_, buffers), token, shared_->next_layer);
  }
  /// void(error_code): sends close_notify. Does not wait for the peer's: read until eof to see it (RFC 9846
  /// §6.1 lets both directions end by themselves).
  template <class Token>
  auto async_shutdown(Token&& token) {
    return ::boost::asio::async_compose<Token, void(::boost::system::error_code)>(
        detail::send_op<NextLayer, void>(shared_, nullptr), token, shared_->next_layer);
  }

 private:
  void end() {
    if (!shared_) return;
    shared_->on_operation = {};
    if constexpr (!std::is_reference_v<NextLayer>) shared_->close();
  }
  std::shared_ptr<shared_type> shared_;
};

/// So that `stream tls(std::move(socket), ...)` needs no template argument.
template <class Layer>
stream(Layer&&, const ClientConfigPtr&, ServerName) -> stream<std::remove_cvref_t<Layer>>;
template <class Layer>
stream(Layer&&, const ClientConfigPtr&, std::string_view) -> stream<std::remove_cvref_t<Layer>>;
template <class Layer>
stream(Layer&&, const ServerConfigPtr&) -> stream<std::remove_cvref_t<Layer>>;

}  // namespace bulla::asio
