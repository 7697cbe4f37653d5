// The test keys of tests/x509/data.
#pragma once

#include <bulla/provider.h>

#include <string>

namespace bulla::constant_time {

/// A file of tests/x509/data; ends the process where there is none.
SecretBytes test_file(const std::string& name);
/// The same as DER: what stands in its first PEM block.
SecretBytes test_der(const std::string& name);

}  // namespace bulla::constant_time
