// One request and its response on their way out: the head and a small body leave as one piece, a large body
// is made and encrypted slice by slice, as fast as the peer takes it.
#pragma once

#include <bulla/connection.h>
#include <bulla/http.h>

#include <chrono>

namespace bulla::net {

class Exchange {
 public:
  using Clock = std::chrono::steady_clock;
  /// Encrypted bytes that may wait to be sent before the body is held back.
  static constexpr size_t slice = size_t{64} << 10;

  Exchange(http::Request request, http::Response response, http::SerializedHead head, Clock::time_point began)
      : request_(std::move(request)),
        response_(std::move(response)),
        head_(std::move(head)),
        began_(began),
        line_(http::request_line(request_)) {}

  /// Whether all of the response fits into one call of send().
  bool is_small() const noexcept;
  enum class Progress : uint8_t { more, done };
  /// Encrypts the next slice of the response, the head in front of the first. After an error the response
  /// cannot be completed: close the connection, so that the peer sees that something is missing.
  Result<Progress> send(Connection& tls, Output& out);

  const http::Request& request() const noexcept { return request_; }
  http::Persistence persistence() const noexcept { return head_.persistence; }
  /// For the access log.
  http::AccessEntry entry() const;

 private:
  Result<Progress> send_bytes(Connection& tls, Output& out);
  Result<Progress> send_file(Connection& tls, Output& out);
  Result<Progress> send_produced(Connection& tls, Output& out);
  Bytes take_head() noexcept;

  http::Request request_;
  http::Response response_;
  http::SerializedHead head_;
  Clock::time_point began_;
  uint64_t sent_ = 0;  // bytes of the body
  bool head_sent_ = false;
  std::string line_;  // what entry() views
};

}  // namespace bulla::net
