// DER of any kind: elements are taken apart and written again, and everything that reads a piece of a
// certificate on its own is tried on it.
#include "asn1/der_reader.h"
#include "asn1/der_writer.h"
#include "asn1/time.h"
#include "base/assert.h"
#include "x509/algorithm.h"
#include "x509/extensions.h"
#include "x509/name.h"

using namespace bulla;
using namespace bulla::asn1;

namespace {

/// DER has one form for each value: what was read is what is written.
void rewrite(DerReader& r, DerWriter& w, unsigned depth) {
  while (r.more()) {
    const Element e = r.any();
    if (!r.ok()) return;
    DerReader inner(e.content);
    std::vector<uint8_t> content;
    DerWriter inner_writer(content);
    const bool constructed = (e.tag & 0x20) && depth < DerReader::max_depth;
    if (constructed) rewrite(inner, inner_writer, depth + 1);
    w.value(e.tag, constructed && inner.ok() ? Bytes(content) : e.content);
  }
}

void read_pieces(Bytes input) {
  DerReader key(input), algorithm(input), extensions(input);
  (void)x509::print_key(x509::read_public_key(key));
  (void)x509::print_algorithm(x509::read_algorithm(algorithm));
  (void)x509::read_extensions(extensions);
  const std::string name = x509::print_name(input);
  BULLA_ASSERT(!name.empty() && x509::names_equal(input, input), "a name is itself");
  (void)x509::pss_hash_of(input);
}

void read_scalars(Bytes input) {
  DerReader integer(input), oid(input), bits(input), time(input);
  const Bytes number = integer.integer(), arcs = oid.oid();
  BULLA_ASSERT(!integer.ok() || !number.empty(), "an INTEGER has content");
  BULLA_ASSERT(!oid.ok() || to_dotted(arcs) != "(malformed)", "an OID that is read can be printed");
  (void)bits.bit_string();
  const Time t = time.time();
  if (!time.done()) return;
  const EncodedTime encoded = encode_time(t);
  const auto again = decode_time(encoded.tag, as_bytes(encoded.text));
  BULLA_ASSERT(again && *again == t, "a date that is read can be written");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Bytes input(data, size);
  DerReader r(input);
  std::vector<uint8_t> written;
  DerWriter w(written);
  rewrite(r, w, 0);
  BULLA_ASSERT(!r.ok() || equal_vartime(written, input), "DER has one form");
  read_pieces(input);
  read_scalars(input);
  return 0;
}
