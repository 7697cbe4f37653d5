#include "pki/sct_list.h"

#include "asn1/der_reader.h"
#include "base/reader.h"

#include <algorithm>

namespace bulla::pki {
namespace {

/// RFC 6962 §3.2, one SerializedSCT. The length around it is what later versions are skipped by (§3.3).
void read_sct(Reader r, std::vector<Sct>& out, Reader& list) {
  constexpr uint64_t latest = 253'402'300'799'999;  // the year 9999 ends
  Sct sct{.version = r.u8()};
  if (sct.version == 0) {
    sct.log_id = r.bytes(32);
    sct.time = Time(Milliseconds(static_cast<int64_t>(std::min(r.u64(), latest))));
    sct.extensions = r.u16_bytes();
    sct.hash = r.u8();
    sct.signature_algorithm = r.u8();
    sct.signature = r.u16_bytes();
  } else {
    r.rest();
  }
  list.require_done(r);
  out.push_back(sct);
}

}  // namespace

std::optional<std::vector<Sct>> read_sct_list(Bytes extension_value) {
  asn1::DerReader der(extension_value);
  const Bytes octets = der.octet_string();
  if (!der.done()) return {};
  std::vector<Sct> out;
  Reader r(octets);
  Reader list = r.u16_prefixed(1);
  while (list.more()) read_sct(list.u16_prefixed(1), out, list);
  if (!list.done() || !r.done()) return {};
  return out;
}

}  // namespace bulla::pki
