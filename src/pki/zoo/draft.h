// A certificate as somebody got it wrong: every field can be anything. Signed for real, or not.
#pragma once

#include "asn1/der_writer.h"
#include "pki/means.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace bulla::pki::zoo {

enum class SignatureMaker : uint8_t {
  proper,  ///< the issuer, with the algorithm of its key
  sha1,    ///< the issuer, which has an RSA key, with SHA-1 (RFC 8017 §8.2): no provider makes such ones any
           ///< more
  nobody,  ///< right in form, made by no key
};

/// What the certificate says; everything has a value that verifies.
struct Draft {
  std::string common_name = {};
  std::vector<uint8_t> serial = {};  ///< 16 octets, the first from 0x40 to 0x7f; empty: chosen at random
  uint8_t version = 3;
  Time not_before = {}, not_after = {};
  std::vector<std::string> dns = {};  ///< dNSNames as they are, valid or not
  std::optional<bool> ca = {};        ///< absent: no basicConstraints
  std::optional<uint32_t> path_length = {};
  std::optional<uint32_t> key_usage = {};  ///< bit n is named bit n
  std::vector<asn1::Oid> purposes = {};    ///< none: no extendedKeyUsage
  /// Writes whole Extension elements behind the others.
  std::function<void(asn1::DerWriter&)> more_extensions = {};
  SignatureMaker signature = SignatureMaker::proper;
};

/// A certificate and who can sign with it.
struct Keeper {
  std::vector<uint8_t> der = {};
  std::vector<uint8_t> name = {};  ///< its subject, DER
  SigningKeyPtr key = {};
  std::shared_ptr<const PrivateKeyMaterial> rsa = {};  ///< for SignatureMaker::sha1 only
};

/// 16 octets at random, as Draft::serial has them.
std::vector<uint8_t> new_serial(Random& random);
/// Makes and signs the certificate of `key`. `issuer` nullptr: by itself. Error: operation_failed where the
/// issuer's key does not sign.
Result<Keeper> make(const Draft& draft, SigningKeyPtr key, const Keeper* issuer, const Means& means);

}  // namespace bulla::pki::zoo
