// Dates of certificates: UTCTime and GeneralizedTime as RFC 5280 §4.1.2.5 allows them, to and from Time.
#pragma once

#include <bulla/bytes.h>
#include <bulla/time.h>

#include <optional>
#include <string>

namespace bulla::asn1 {

/// "YYMMDDHHMMSSZ" or "YYYYMMDDHHMMSSZ" by `tag`; nothing where the text is in another form, the date does
/// not exist, or (RFC 5280 §4.1.2.5) a fraction or an offset is given. A year of GeneralizedTime may be any.
std::optional<Time> decode_time(uint8_t tag, Bytes content) noexcept;

struct EncodedTime {
  uint8_t tag;
  std::string text;
};
/// UTCTime for 1950 to 2049, GeneralizedTime otherwise; times beyond 0000 to 9999 are moved to those bounds.
/// Fractions of a second are cut off.
EncodedTime encode_time(Time t);
/// GeneralizedTime whatever the year is, as OCSP has it (RFC 6960 §4.2.2.1).
EncodedTime encode_generalized_time(Time t);

/// "2031-05-01 12:00:00 UTC", for a person.
std::string format_time(Time t);

}  // namespace bulla::asn1
