// PEM (RFC 7468): base64 between BEGIN and END lines. Lenient about what surrounds the blocks and how lines
// end, strict about the base64 itself. Decoding and encoding take the same time whatever the bytes are, since
// the bytes may be a private key.
#pragma once

#include <bulla/bytes.h>
#include <bulla/result.h>
#include <bulla/secret.h>

#include <string>
#include <string_view>
#include <vector>

namespace bulla::asn1 {

struct PemBlock {
  std::string label;  ///< "CERTIFICATE", "PRIVATE KEY", ...
  std::string
      headers;  ///< RFC 1421 header lines as they stand ("Proc-Type: 4,ENCRYPTED"), empty for RFC 7468
  SecretBytes content;  ///< wiped when it dies, as it may be a key
};

/// Whether there is a BEGIN line anywhere: what tells PEM from DER.
bool looks_like_pem(Bytes text) noexcept;

/// All blocks in their order; text before, between and after them is skipped. An empty list where there is
/// none. A block that is cut off, has an END line of another label, or is not base64 is pem_malformed with
/// its line.
Result<std::vector<PemBlock>> decode_pem(Bytes text);

/// One block with lines of 64 characters and a final line feed.
std::string encode_pem(std::string_view label, Bytes content);
/// The same for private keys.
SecretBytes encode_pem_secret(std::string_view label, Bytes content);

}  // namespace bulla::asn1
