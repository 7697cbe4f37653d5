// Making certification requests (RFC 2986 §4).
#include "asn1/pem.h"
#include "pki/algorithm.h"
#include "pki/certificate_writer.h"

namespace bulla::pki {
namespace {

using namespace asn1;

/// Attributes with the one attribute extensionRequest (RFC 2985 §5.4.2), which asks for a subjectAltName.
void write_attributes(DerWriter& w, std::span<const AltName> names) {
  w.constructed(tag::context_constructed(0), [&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.oid(oids::extension_request);
      w.set([&](DerWriter& w) {
        w.sequence([&](DerWriter& w) {
          write_extension(w, oids::subject_alt_name, Criticality::not_critical,
                          [&](DerWriter& w) { write_alt_names(w, names); });
        });
      });
    });
  });
}

}  // namespace

Result<std::vector<uint8_t>> NewRequest::create_for(const SigningKey& existing,
                                                    const Surroundings& around) const {
  const Means means = means_of(around);
  BULLA_TRY(const std::vector<AltName> alt_names, parse_names(names));
  const SignatureAlgorithm algorithm = signature_for(existing.public_key());
  const std::vector<uint8_t> info = to_der([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.integer(0);  // v1
      w.raw(common_name(alt_names.front().text()));
      w.raw(encode_public_key(existing.public_key()));
      write_attributes(w, alt_names);
    });
  });
  BULLA_TRY(const std::vector<uint8_t> signature,
            sign_checked(existing, algorithm, info, means.random, means.provider));
  return write_signed(info, algorithm, signature);
}

Result<NewRequest::Made> NewRequest::create(const Surroundings& around) const {
  BULLA_TRY(parse_names(names));  // before a key is made for nothing
  BULLA_TRY(KeyPair pair, KeyPair::generate(key, around));
  BULLA_TRY(std::vector<uint8_t> der, create_for(*pair.signer(), around));
  return Made{.der = std::move(der), .key = std::move(pair)};
}

std::string NewRequest::Made::pem() const {
  return encode_pem("CERTIFICATE REQUEST", der);
}

}  // namespace bulla::pki
