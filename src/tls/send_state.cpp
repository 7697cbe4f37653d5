#include "tls/send_state.h"

#include "base/assert.h"
#include "base/pieces.h"
#include "tls/msg/post_handshake.h"

#include <algorithm>

namespace bulla::tls {
namespace {

constexpr size_t max_gather = 8;

/// Cuts records off a gather list without copying.
class Cutter {
 public:
  explicit Cutter(std::span<const Bytes> parts) noexcept : parts_(parts) {}
  /// Up to `limit` bytes and max_gather pieces; empty when all is cut.
  std::span<const Bytes> next(size_t limit, size_t& size) noexcept {
    pieces_.clear();
    size = 0;
    while (!parts_.empty() && size < limit && !pieces_.full()) {
      const Bytes rest = parts_.front().subspan(used_);
      const Bytes piece = rest.first(std::min(rest.size(), limit - size));
      if (!piece.empty()) pieces_.add(piece);
      size += piece.size();
      used_ += piece.size();
      if (used_ == parts_.front().size()) {
        parts_ = parts_.subspan(1);
        used_ = 0;
      }
    }
    return pieces_.all();
  }

 private:
  std::span<const Bytes> parts_;
  size_t used_ = 0;
  Pieces<max_gather> pieces_;
};

/// How many records a write takes.
uint64_t records_of(std::span<const Bytes> parts, size_t limit) noexcept {
  Cutter cutter(parts);
  uint64_t count = 0;
  for (size_t size = 0; cutter.next(limit, size), size > 0;) ++count;
  return count;
}

}  // namespace

size_t SendState::padding_for(size_t size) const noexcept {
  const size_t block = common->record_padding;
  if (block == 0 || !protection.active() || !protection.is_tls13()) return 0;
  const size_t inner = size + 1;
  const size_t padded = std::min((inner + block - 1) / block * block, max_plaintext + 1);
  return padded - inner;
}

void SendState::write_record(ContentType type, std::span<const Bytes> parts, size_t size, Output& out) {
  const size_t padding = padding_for(size);
  const bool is_protected = protection.active();
  const MutBytes record = out.grow(record_header_size + size + protection.overhead(padding));
  protection.seal(type, parts, size, padding, record);
  if (common->tap) [[unlikely]] {
    std::vector<uint8_t> plaintext;
    for (const Bytes part : parts) plaintext.insert(plaintext.end(), part.begin(), part.end());
    common->tap->on_record({Direction::sent, static_cast<ContentType>(record[0]), type, record, record.size(),
                            plaintext, is_protected});
    wipe(plaintext);
  }
}

void SendState::write(ContentType type, std::span<const Bytes> parts, Output& out) {
  Cutter cutter(parts);
  size_t size = 0;
  while (true) {
    const auto pieces = cutter.next(common->limits.max_fragment, size);
    if (size == 0) return;
    write_record(type, pieces, size, out);
  }
}

void SendState::send_alert(AlertDescription alert, Output& out) {
  // What follows a KeyUpdate is for keys that the kernel has not got: nothing can be said with them.
  if (closed || protection.is_due()) return;
  const bool warning = alert == AlertDescription::close_notify || alert == AlertDescription::user_canceled ||
                       alert == AlertDescription::no_renegotiation;
  const uint8_t bytes[2] = {static_cast<uint8_t>(warning ? 1 : 2), static_cast<uint8_t>(alert)};
  write(ContentType::alert, Bytes(bytes), out);
  if (common->tap) common->tap->on_alert(Direction::sent, alert);
  closed = !warning || alert == AlertDescription::close_notify;
}

void SendState::give_up() noexcept {
  closed = true;
  protection = {};
}

namespace {

/// RFC 9846 §4.7.3: a sender's epochs end here.
constexpr uint64_t most_updates = (uint64_t{1} << 48) - 1;

}  // namespace

bool SendState::may_update() const noexcept {
  return updates < most_updates;
}

/// RFC 9846 §5.5: new keys before the old ones have protected too much, in the midst of a large write too.
Result<void> SendState::write_data(std::span<const Bytes> data, Output& out) {
  BULLA_ASSERT(protection.active() || in_kernel,
               "application data never goes out in the clear (RFC 9846 §5.1)");
  Cutter cutter(data);
  for (size_t size = 0;;) {
    const auto pieces = cutter.next(common->limits.max_fragment, size);
    if (size == 0) return {};
    if (protection.is_tls13() && protection.exhausted(*provider))
      BULLA_TRY(update_keys(KeyUpdateRequest::update_not_requested, out));
    write_record(ContentType::application_data, pieces, size, out);
  }
}

Result<void> SendState::may_write() const {
  if (!connected) return ErrorCode::not_connected;
  // What follows a KeyUpdate is for the new keys, which the kernel has to have first.
  if (protection.is_due())
    return Error{ErrorCode::bad_argument, "the keys have changed: hand_to_kernel comes first"};
  return {};
}

Result<size_t> SendState::send(std::span<const Bytes> data, Output& out) {
  BULLA_TRY(may_write());
  if (closed) return ErrorCode::write_side_closed;
  size_t total = 0;
  for (const Bytes part : data) {
    BULLA_ASSERT(!out.holds(part), "what is to be sent lies in the buffer that it is written to");
    total += part.size();
  }
  // RFC 9846 §4.7.3: the answer to any number of requests, before the next application data.
  if (owes_key_update && may_update()) {
    BULLA_TRY(update_keys(KeyUpdateRequest::update_not_requested, out));
    BULLA_TRY(may_write());
  }
  // TLS 1.2 has no way to get new keys: what would not fit is refused as a whole.
  if (protection.active() && !protection.is_tls13() &&
      protection.left(*provider) < records_of(data, common->limits.max_fragment))
    return ErrorCode::key_exhausted;
  BULLA_TRY(write_data(data, out));
  return total;
}

Result<void> SendState::close_write(Output& out) {
  BULLA_TRY(may_write());
  if (!closed) send_alert(AlertDescription::close_notify, out);
  return {};
}

Result<void> SendState::update_keys(KeyUpdateRequest request, Output& out) {
  BULLA_TRY(may_write());
  if (closed) return ErrorCode::write_side_closed;
  if (!protection.is_tls13()) return Error{ErrorCode::bad_argument, "TLS 1.2 has no KeyUpdate"};
  if (!may_update()) return ErrorCode::key_exhausted;
  // RFC 9846 §4.7.3: the peer is not asked again before it has answered.
  if (update_asked) request = KeyUpdateRequest::update_not_requested;
  // The message goes out under the old keys, everything after it under the new ones.
  const std::vector<uint8_t> message = encode_message(KeyUpdate{request});
  write(ContentType::handshake, Bytes(message), out);
  if (common->tap)
    common->tap->on_message(
        {Direction::sent, EncryptionLevel::application, HandshakeType::key_update, message});
  protection.update(*provider);
  ++updates;
  if (request == KeyUpdateRequest::update_requested)
    update_asked = true;
  else
    owes_key_update = false;
  return {};
}

Result<void> SendState::answer(const Reply& reply, Output& out) {
  switch (reply.kind) {
    case Reply::Kind::none: return {};
    case Reply::Kind::peer_updated: update_asked = false; return {};
    case Reply::Kind::key_update:
      update_asked = false;
      // A peer that asks again while we are silent gets one answer. A kernel cannot be made to wait.
      owes_key_update = !closed;
      return in_kernel && owes_key_update && may_update()
                 ? update_keys(KeyUpdateRequest::update_not_requested, out)
                 : Result<void>();
    case Reply::Kind::alert:
      // Nothing follows close_notify: a renegotiation that cannot be declined any more ends the connection.
      if (closed && reply.alert == AlertDescription::no_renegotiation)
        return ErrorCode::renegotiation_refused;
      send_alert(reply.alert, out);
      return {};
  }
  return {};
}

}  // namespace bulla::tls
