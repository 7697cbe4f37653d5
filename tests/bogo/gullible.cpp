#include "bogo/gullible.h"

#include <bulla/config.h>

namespace bulla::bogo {

const Provider& gullible_provider() {
  static const Provider provider = [] {
    Provider copy = default_provider();
    copy.signing.verify = [](std::span<VerifyJob> jobs) noexcept {
      for (VerifyJob& job : jobs) job.ok = true;
    };
    return copy;
  }();
  return provider;
}

VerifierPtr gullible_verifier() {
  return dangerous::accept_any_certificate("this shim is the control that verifies nothing");
}

}  // namespace bulla::bogo
