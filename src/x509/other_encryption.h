// How key files are encrypted that this library does not open, so that a person is told what it is and what
// converts it.
#pragma once

#include <bulla/bytes.h>
#include <bulla/error.h>

namespace bulla::x509 {

/// key_unsupported, for the OID of an encryption scheme, a cipher or a pseudorandom function: its name and
/// the command that converts the file, as far as they are known.
Error other_encryption(Bytes oid);

}  // namespace bulla::x509
