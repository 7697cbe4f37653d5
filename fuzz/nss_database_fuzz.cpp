// Any bytes as the certificate database of a browser.
#include "base/assert.h"
#include "trust/nss_database.h"

#include <cstddef>
#include <cstdint>

using namespace bulla;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto read = trust::read_nss_bytes({data, size}, default_provider());
  if (!read) {
    BULLA_ASSERT(read.error().code == ErrorCode::nss_database_broken, "a bad file is the only reason");
    return 0;
  }
  for (const trust::NssEntry& entry : read->entries)
    BULLA_ASSERT(entry.certificate && !entry.certificate->der().empty(), "each entry is a certificate");
  BULLA_ASSERT(read->entries.size() <= size, "a certificate takes more than an octet");
  return 0;
}
