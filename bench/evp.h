// Beside libcrypto as its users call it: through EVP, with what can be fetched and set up once at hand.
// (Through our own seam, libcrypto's hashes and NIST curves are its low-level functions, which EVP's users do
// not get.)
#pragma once

#include "report.h"

#include <cstdio>
#include <cstdlib>

namespace bulla::bench {

/// Hashes, HMAC and HKDF: one row for each operation and size; its name says what is called.
void digests_beside_evp(Report& report);
/// Key generation, with the context at hand, and agreement, as a key share of TLS 1.3 takes it.
void groups_beside_evp(Report& report);

/// What did not happen would be measured as very fast.
inline void need(bool ok) {
  if (ok) return;
  std::fprintf(stderr, "bulla-bench: libcrypto refused what it was to be measured with\n");
  std::exit(1);
}

/// Frees what a std::unique_ptr owns.
template <auto release>
struct Release {
  template <class T>
  void operator()(T* object) const {
    release(object);
  }
};

/// One row; `called`: what of EVP.
template <class Ours, class Theirs>
void evp_row(Report& report, const std::string& what, const char* called, unsigned rounds, const Ours& ours,
             const Theirs& theirs) {
  const std::string name = "evp " + what + ", " + called;
  if (report.wants(name)) report.row(name, "cycles", compare(rounds, ours, theirs), true);
}

}  // namespace bulla::bench
