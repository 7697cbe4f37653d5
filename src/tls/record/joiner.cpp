#include "tls/record/joiner.h"

namespace bulla::tls {

void HandshakeJoiner::add(Bytes fragment) {
  bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<ptrdiff_t>(at_));
  at_ = 0;
  bytes_.insert(bytes_.end(), fragment.begin(), fragment.end());
}

Result<std::optional<Bytes>> HandshakeJoiner::next(const Limits& limits) {
  const Bytes rest = Bytes(bytes_).subspan(at_);
  if (rest.size() < handshake_header_size) return std::optional<Bytes>();
  Reader r(rest);
  const auto type = static_cast<HandshakeType>(r.u8());
  const size_t length = r.u24();
  const bool certificate = type == HandshakeType::certificate;
  if (length > (certificate ? limits.certificate_message : limits.handshake_message))
    return Error{certificate ? ErrorCode::certificate_list_too_large : ErrorCode::handshake_too_large,
                 name_of(type) + " of " + std::to_string(length) + " bytes"};
  if (rest.size() < handshake_header_size + length) return std::optional<Bytes>();
  at_ += handshake_header_size + length;
  return std::optional(rest.first(handshake_header_size + length));
}

Result<RecordAligned> HandshakeJoiner::aligned() const {
  if (in_the_middle()) return ErrorCode::message_across_key_change;
  return RecordAligned{};
}

void HandshakeJoiner::release() noexcept {
  bytes_ = std::vector<uint8_t>();  // not {}, which is an empty list and keeps the memory
  at_ = 0;
}

}  // namespace bulla::tls
