// Hashes, HMAC and HKDF beside libcrypto as its users call it: through EVP, with what can be fetched and set
// up once at hand. (Through our own seam, libcrypto's hashes are its low-level functions, which EVP's users
// do not get.)
#pragma once

#include "report.h"

namespace bulla::bench {

/// One row for each operation and size; its name says what is called.
void beside_evp(Report& report);

}  // namespace bulla::bench
