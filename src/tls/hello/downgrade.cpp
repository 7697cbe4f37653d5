#include "tls/hello/downgrade.h"

#include <algorithm>

namespace bulla::tls {
namespace {

constexpr uint8_t tls12_sentinel[8] = {0x44, 0x4f, 0x57, 0x4e, 0x47, 0x52, 0x44, 0x01};  // "DOWNGRD" 01
constexpr uint8_t tls11_sentinel[8] = {0x44, 0x4f, 0x57, 0x4e, 0x47, 0x52, 0x44, 0x00};

}  // namespace

void add_downgrade_sentinel(HelloRandom& server_random, const CommonOptions& options) noexcept {
  if (options.versions.has(ProtocolVersion::tls13))
    std::ranges::copy(tls12_sentinel, server_random.end() - sizeof tls12_sentinel);
}

bool has_downgrade_sentinel(Bytes server_random, const CommonOptions& options) noexcept {
  const Bytes tail = server_random.last(sizeof tls12_sentinel);
  // A 1.2-only client looks for the second value too: it would speak of TLS 1.1, which we never do.
  return (options.versions.has(ProtocolVersion::tls13) && equal_vartime(tail, tls12_sentinel)) ||
         equal_vartime(tail, tls11_sentinel);
}

}  // namespace bulla::tls
