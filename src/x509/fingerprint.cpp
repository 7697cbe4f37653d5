#include "x509/fingerprint.h"

#include "x509/digest.h"

#include <bulla/certificate.h>

namespace bulla {
namespace x509 {

std::string octets_text(Bytes octets) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const uint8_t octet : octets) {
    if (!out.empty()) out += ':';
    out += digits[octet >> 4];
    out += digits[octet & 15];
  }
  return out;
}

std::string fingerprint_text(Bytes of, const Provider& provider) {
  return octets_text(digest_of(provider, HashId::sha256, of));
}

}  // namespace x509

std::string fingerprint_sha256(const Certificate& certificate, const Provider& provider) {
  return x509::fingerprint_text(certificate.der(), provider);
}

}  // namespace bulla
