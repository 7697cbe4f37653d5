// Ecdsa-Sig-Value ::= SEQUENCE { r INTEGER, s INTEGER } (RFC 3279 §2.2.3), in DER and nothing else.
#pragma once

#include <bulla/bytes.h>

namespace bulla::crypto::ecdsa {

/// Two positive numbers in big-endian bytes without leading zeros; views into what was read.
struct SignatureNumbers {
  Bytes r, s;
};

/// The numbers; both empty if the bytes are anything else than DER of two positive numbers.
SignatureNumbers read_signature(Bytes der) noexcept;
/// From numbers that are not zero, at most 66 bytes each; leading zeros are cut off.
std::vector<uint8_t> write_signature(Bytes r, Bytes s);

}  // namespace bulla::crypto::ecdsa
