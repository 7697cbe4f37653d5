// The record header, RFC 9846 §5.1: type, legacy version, length; five bytes in the clear.
#pragma once

#include <bulla/bytes.h>
#include <bulla/result.h>
#include <bulla/tls_types.h>

namespace bulla::tls {

inline constexpr size_t record_header_size = 5;
/// RFC 9846 §5.1: the most plaintext in a record.
inline constexpr size_t max_plaintext = 1 << 14;
/// RFC 9846 §5.2: inner plaintext and tag may add 256 bytes. RFC 5246 §6.2.3: 2048 in TLS 1.2.
inline constexpr size_t max_expansion13 = 256;
inline constexpr size_t max_expansion12 = 2048;

/// RFC 9846 §5.1, RFC 5246 §6.2.1: what records carry as their version from the ServerHello on.
inline constexpr uint16_t record_version = 0x0303;

struct RecordHeader {
  ContentType type = ContentType::invalid;
  uint16_t version = 0;
  uint16_t length = 0;
};

inline RecordHeader read_header(Bytes five) noexcept {
  return {static_cast<ContentType>(five[0]), static_cast<uint16_t>(five[1] << 8 | five[2]),
          static_cast<uint16_t>(five[3] << 8 | five[4])};
}
inline void write_header(MutBytes five, ContentType type, uint16_t version, size_t length) noexcept {
  five[0] = static_cast<uint8_t>(type);
  five[1] = static_cast<uint8_t>(version >> 8);
  five[2] = static_cast<uint8_t>(version);
  five[3] = static_cast<uint8_t>(length >> 8);
  five[4] = static_cast<uint8_t>(length);
}

/// What is wrong with a header, if anything; tells a peer that speaks no TLS at all from one that speaks it
/// badly. `first`: nothing was received before it. `five` are the bytes themselves.
Result<void> check_header(Bytes five, bool first, bool sent_by_server);

}  // namespace bulla::tls
