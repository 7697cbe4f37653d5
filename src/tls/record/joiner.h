// Handshake messages are cut across records and packed into them at will (RFC 9846 §5.1); this puts them
// together.
#pragma once

#include "tls/msg/message.h"

#include <bulla/config.h>

namespace bulla::tls {

/// Proof that no handshake bytes are left over, so that keys may change (RFC 9846 §5.1).
class RecordAligned {
 private:
  friend class HandshakeJoiner;
  RecordAligned() = default;
};

class HandshakeJoiner {
 public:
  void add(Bytes fragment);
  /// The next whole message, or nothing yet. Valid until the next call. handshake_too_large and
  /// certificate_list_too_large as soon as the header says so, before anything is kept for it.
  Result<std::optional<Bytes>> next(const Limits& limits);
  /// What is here of a message whose rest is not.
  Bytes begun() const noexcept { return Bytes(bytes_).subspan(at_); }
  /// Part of a message is here and the rest is not.
  bool in_the_middle() const noexcept { return at_ != bytes_.size(); }
  Result<RecordAligned> aligned() const;
  /// Gives the memory back; nothing may be left over.
  void release() noexcept;

 private:
  std::vector<uint8_t> bytes_;
  size_t at_ = 0;
};

}  // namespace bulla::tls
