// Any bytes as a revocation list: what is accepted finds its own entries, is printed safely, and judges a
// path one way or the other.
#include "status_world.h"
#include "work_meter.h"
#include "x509/crl.h"
#include "x509/serial.h"

using namespace bulla;

namespace {

void check_list(const RevocationListPtr& list) {
  const x509::ParsedRevocationList& parsed = list->parsed();
  // Bounded memory: four bytes an entry, of which the shortest has 18.
  BULLA_ASSERT(parsed.by_serial.size() * 18 <= list->der().size(), "an entry has at least 18 bytes");
  fuzz::check_printable(list->issuer());
  fuzz::check_printable(list->number().value_or(""));
  fuzz::check_printable(list->why_not_used());
  for (size_t i = 0; i < list->size() && i < 64; ++i) {
    const x509::ListEntry entry = parsed.entry(i);
    const auto found = parsed.find(entry.serial);
    BULLA_ASSERT(found && equal_vartime(found->serial, entry.serial), "an entry is found by its number");
    const RevokedCertificate published = list->entry(i);
    BULLA_ASSERT(list->find(published.serial).has_value() || published.serial.size() > 100,
                 "the same by its number as text");
    BULLA_ASSERT(x509::parse_serial(published.serial) == to_vector(entry.serial) || entry.serial.size() > 49,
                 "a number and its text are the same");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto lists =
      fuzz::within(fuzz::parser_budget, size, [&] { return RevocationList::from_pem_or_der({data, size}); });
  if (!lists) return 0;
  RevocationLists all;
  for (const RevocationListPtr& list : *lists) {
    check_list(list);
    BULLA_ASSERT(RevocationList::from_der(list->der()).ok(), "what is kept can be read again");
    all.add(list);
    BULLA_ASSERT(!all.of_issuer(list->issuer_der()).empty(), "a list is found by its issuer");
  }
  const auto strict = fuzz::StatusWorld::the().verify(RevocationPolicy::required, all, {});
  const auto lenient = fuzz::StatusWorld::the().verify(RevocationPolicy::if_known, all, {});
  for (const auto* result : {&strict, &lenient}) {
    if (result->ok()) continue;
    BULLA_ASSERT(!result->error().detail.empty(), "a refusal has its evidence");
    fuzz::check_printable(result->error().detail);
  }
  BULLA_ASSERT(lenient.ok() || !strict.ok(), "whom the lenient refuse, the strict refuse");
  return 0;
}
