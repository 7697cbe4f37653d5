#include "net/server/exchange.h"

#include <bulla/os.h>

#include <algorithm>
#include <array>

namespace bulla::net {
namespace {

/// Where slices of files and produced bodies are made; one for each thread, for any number of connections.
MutBytes scratch() {
  thread_local std::vector<uint8_t> bytes(Exchange::slice);
  return bytes;
}

}  // namespace

bool Exchange::is_small() const noexcept {
  if (head_.framing == http::BodyFraming::none) return true;
  return !response_.file && !response_.producer && response_.body.size() <= slice;
}

Result<Exchange::Progress> Exchange::send(Connection& tls, Output& out) {
  if (head_.framing == http::BodyFraming::none) {
    BULLA_TRY(tls.send(take_head(), out));
    return Progress::done;
  }
  if (response_.file) return send_file(tls, out);
  if (response_.producer) return send_produced(tls, out);
  return send_bytes(tls, out);
}

Result<Exchange::Progress> Exchange::send_bytes(Connection& tls, Output& out) {
  const Bytes left = as_bytes(response_.body).subspan(static_cast<size_t>(sent_));
  const Bytes part = left.first(std::min(left.size(), slice));
  // Head and body in one call: one record, if they fit, and one system call.
  const std::array<Bytes, 2> pieces{take_head(), part};
  BULLA_TRY(tls.send(pieces, out));
  sent_ += part.size();
  return sent_ == response_.body.size() ? Progress::done : Progress::more;
}

Result<Exchange::Progress> Exchange::send_file(Connection& tls, Output& out) {
  const http::FileSource& source = *response_.file;
  const uint64_t left = source.length - sent_;
  const MutBytes room = scratch().first(static_cast<size_t>(std::min<uint64_t>(left, slice)));
  BULLA_TRY(const size_t n,
            left == 0 ? Result<size_t>(0) : source.file->read_at(source.offset + sent_, room));
  if (n == 0 && left > 0)
    return Error{ErrorCode::http_file_unreadable, source.path + " became shorter while it was sent"};
  const std::array<Bytes, 2> pieces{take_head(), room.first(n)};
  BULLA_TRY(tls.send(pieces, out));
  sent_ += n;
  return sent_ == source.length ? Progress::done : Progress::more;
}

Result<Exchange::Progress> Exchange::send_produced(Connection& tls, Output& out) {
  BULLA_TRY(const size_t n, response_.producer(scratch()));
  if (n > scratch().size())
    return Error{ErrorCode::bad_argument, "a body producer claims more than it had room for"};
  const bool chunked = head_.framing == http::BodyFraming::chunked;
  const std::string prefix = chunked && n > 0 ? http::chunk_prefix(n) : "";
  const std::string_view suffix = !chunked ? "" : n > 0 ? "\r\n" : http::last_chunk();
  const std::array<Bytes, 4> pieces{take_head(), as_bytes(prefix), scratch().first(n), as_bytes(suffix)};
  BULLA_TRY(tls.send(pieces, out));
  sent_ += n;
  return n == 0 ? Progress::done : Progress::more;
}

Bytes Exchange::take_head() noexcept {
  return std::exchange(head_sent_, true) ? Bytes() : as_bytes(head_.bytes);
}

http::AccessEntry Exchange::entry() const {
  return {.time = now(),
          .peer = request_.peer,
          .request_line = line_,
          .status = response_.status,
          .bytes_sent = sent_,
          .duration = std::chrono::round<Milliseconds>(Clock::now() - began_),
          .referer = request_.header("Referer"),
          .user_agent = request_.header("User-Agent")};
}

}  // namespace bulla::net
