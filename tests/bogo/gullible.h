// The control that shows what the tests are worth: a shim that believes every signature and every
// certificate.
#pragma once

#include <bulla/certificate.h>

namespace bulla::bogo {

/// The default provider, but every signature verifies.
const Provider& gullible_provider();
/// Accepts every chain for every name.
VerifierPtr gullible_verifier();

}  // namespace bulla::bogo
