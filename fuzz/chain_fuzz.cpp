// Certificates one behind another as a peer's chain, over a provider to whom every signature is right: paths
// of any shape are built and judged. The first is the leaf, the last is trusted.
#include "asn1/der_reader.h"
#include "base/assert.h"
#include "support/credulous_provider.h"
#include "work_meter.h"
#include "x509/certificate.h"

#include <algorithm>

using namespace bulla;

namespace {

/// As many as TLS takes from a peer.
constexpr size_t most = 16;
constexpr unsigned max_signatures = 20;

/// Fifty certificates are looked at for each signature, each for a path of at most ten, whose names are
/// compared and of which a report is made: what all of it takes does not grow with the number of paths.
constexpr fuzz::Budget search_budget = {
    .bytes_per_byte = 2'000, .bytes = 8 << 20, .steps_per_byte = 2'000, .steps = 20'000'000};

std::vector<CertificatePtr> read_chain(Bytes input) {
  std::vector<CertificatePtr> out;
  asn1::DerReader r(input);
  while (r.more() && out.size() < most)
    if (auto certificate = Certificate::from_der(r.any().whole)) out.push_back(*std::move(certificate));
  return out;
}

void check(const Result<ChainVerified>& result, std::span<const CertificatePtr> chain,
           const RootStore& roots) {
  if (!result) {
    BULLA_ASSERT(!result.error().detail.empty(), "a refusal has its evidence");
    BULLA_ASSERT(result.error().explain().size() < 20'000, "a refusal is short enough to be read");
    return;
  }
  BULLA_ASSERT(result->path().front() == chain.front(), "a path begins with the leaf");
  BULLA_ASSERT(roots.contains(*result->path().back()), "a path ends with what is trusted");
  BULLA_ASSERT(result->is_for(*chain.front(), nullptr), "a proof speaks of its leaf");
  for (size_t i = 1; i < result->path().size(); ++i)
    BULLA_ASSERT(result->path()[i]->is_ca() || i + 1 == result->path().size(), "only CAs sign");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::vector<CertificatePtr> chain = read_chain({data, size});
  if (chain.empty()) return 0;
  RootStore roots;
  if (chain.size() > 1) roots.add(chain.back());
  // Some moment within the leaf's life, where it has one: more paths get far.
  const Time now = chain.front()->not_before();
  for (const CertificatePurpose purpose : {CertificatePurpose::server, CertificatePurpose::client}) {
    const WebPkiVerifier verifier(
        roots,
        {.max_signatures = max_signatures, .min_rsa_bits = 1024, .provider = &test::credulous_provider()});
    test::signatures_asked = 0;
    const auto result = fuzz::within(search_budget, size, [&] {
      return verifier.verify({.chain = chain, .purpose = purpose, .now = now});
    });
    // A key that is too large costs more than one; the last that is paid for may be one.
    BULLA_ASSERT(test::signatures_asked <= max_signatures, "signatures are bounded");
    check(result, chain, roots);
  }
  return 0;
}
