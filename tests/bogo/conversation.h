// What the shim says on a finished handshake, and how it ends: the body of every test.
#pragma once

#include "bogo/link.h"

namespace bulla::bogo {

/// Handshake, `after_handshake` (a check; its complaint ends everything), the flags' writes, the echo loop,
/// the close.
struct Outcome {
  std::optional<Error> error = {};            ///< the connection failed
  std::optional<std::string> complaint = {};  ///< it worked, and not as expected
};
Outcome converse(Link& link, const Flags& flags,
                 const std::function<std::optional<std::string>(const ConnectionInfo&)>& after_handshake);

}  // namespace bulla::bogo
