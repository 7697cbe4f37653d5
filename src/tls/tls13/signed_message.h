// What CertificateVerify signs, RFC 9846 §4.5.2: 64 spaces, a context string, a zero byte, the transcript
// hash.
#pragma once

#include "tls/transcript.h"

#include <bulla/connection.h>

#include <vector>

namespace bulla::tls::tls13 {

inline std::vector<uint8_t> signed_message(Role signer, Bytes transcript_hash) {
  std::vector<uint8_t> message(64, 0x20);
  const auto append = [&](Bytes bytes) { message.insert(message.end(), bytes.begin(), bytes.end()); };
  append(as_bytes(signer == Role::server ? "TLS 1.3, server CertificateVerify"
                                         : "TLS 1.3, client CertificateVerify"));
  message.push_back(0);
  append(transcript_hash);
  return message;
}

}  // namespace bulla::tls::tls13
