#include "pki/zoo/draft.h"

#include "crypto/rsa/impl.h"
#include "pki/algorithm.h"
#include "pki/certificate_writer.h"
#include "x509/digest.h"

#include <algorithm>

namespace bulla::pki::zoo {
namespace {

using namespace asn1;

void write_algorithm(DerWriter& w, SignatureMaker maker, SignatureAlgorithm algorithm) {
  if (maker != SignatureMaker::sha1) return write_signature_algorithm(w, algorithm);
  w.sequence([](DerWriter& w) {
    w.oid(oids::rsa_sha1);
    w.null();
  });
}

void write_constraints(DerWriter& w, const Draft& draft) {
  if (draft.ca)
    write_extension(w, oids::basic_constraints, Criticality::critical, [&](DerWriter& w) {
      w.sequence([&](DerWriter& w) {
        if (*draft.ca) w.boolean(true);
        if (draft.path_length) w.integer(*draft.path_length);
      });
    });
  if (draft.key_usage)
    write_extension(w, oids::key_usage, Criticality::critical,
                    [&](DerWriter& w) { w.named_bits(*draft.key_usage); });
  if (!draft.purposes.empty())
    write_extension(w, oids::extended_key_usage, Criticality::not_critical, [&](DerWriter& w) {
      w.sequence([&](DerWriter& w) {
        for (const Oid& oid : draft.purposes) w.oid(oid);
      });
    });
}

void write_extensions(DerWriter& w, const Draft& draft, Bytes key_id, Bytes issuer_key_id) {
  write_constraints(w, draft);
  if (!draft.dns.empty())
    write_extension(w, oids::subject_alt_name, Criticality::not_critical, [&](DerWriter& w) {
      w.sequence([&](DerWriter& w) {
        for (const std::string& name : draft.dns) w.value(tag::context(2), as_bytes(name));
      });
    });
  write_extension(w, oids::subject_key_identifier, Criticality::not_critical,
                  [&](DerWriter& w) { w.octet_string(key_id); });
  write_extension(w, oids::authority_key_identifier, Criticality::not_critical, [&](DerWriter& w) {
    w.sequence([&](DerWriter& w) { w.value(tag::context(0), issuer_key_id); });
  });
  if (draft.more_extensions) draft.more_extensions(w);
}

std::vector<uint8_t> write_tbs(const Draft& draft, Bytes subject, const SigningKey& key, Bytes issuer,
                               const SigningKey& signer, const Means& means) {
  const std::vector<uint8_t> spki = encode_public_key(key.public_key());
  const auto key_id = key_identifier(spki, means.provider),
             issuer_key_id = key_identifier(encode_public_key(signer.public_key()), means.provider);
  const std::vector<uint8_t> serial = draft.serial.empty() ? new_serial(means.random) : draft.serial;
  return to_der([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      if (draft.version != 1) w.explicit_tag(0, [&](DerWriter& w) { w.integer(draft.version - 1u); });
      w.unsigned_integer(serial);
      write_algorithm(w, draft.signature, signature_for(signer.public_key()));
      w.raw(issuer);
      w.sequence([&](DerWriter& w) {
        w.time(draft.not_before);
        w.time(draft.not_after);
      });
      w.raw(subject);
      w.raw(spki);
      if (draft.version == 3)
        w.explicit_tag(3, [&](DerWriter& w) {
          w.sequence([&](DerWriter& w) { write_extensions(w, draft, key_id, issuer_key_id); });
        });
    });
  });
}

/// EMSA-PKCS1-v1_5 (RFC 8017 §9.2) with the DigestInfo of SHA-1, in as many bytes as the modulus has.
std::vector<uint8_t> encode_sha1(Bytes digest, size_t size) {
  constexpr uint8_t digest_info[] = {0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e,
                                     0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14};
  std::vector<uint8_t> out(size, 0xff);
  out[0] = 0x00, out[1] = 0x01;
  const size_t at = size - digest.size() - std::size(digest_info);
  out[at - 1] = 0x00;
  std::copy(std::begin(digest_info), std::end(digest_info), out.begin() + static_cast<ptrdiff_t>(at));
  std::copy(digest.begin(), digest.end(), out.end() - static_cast<ptrdiff_t>(digest.size()));
  return out;
}

Result<std::vector<uint8_t>> sign_with_sha1(const PrivateKeyMaterial& rsa, Bytes message,
                                            const Means& means) {
  using namespace crypto::rsa;
  BULLA_TRY(const PrivateKey key, load_private_key(rsa));
  const std::vector<uint8_t> digest = x509::digest_of(means.provider, HashId::sha1, message);
  std::vector<uint8_t> out(rsa.modulus.size());
  const auto encoded = encode_sha1(digest, out.size());
  if (!private_operation(key, means.random, encoded, out))
    return Error{ErrorCode::operation_failed, "a signature with SHA-1"};
  return out;
}

Result<std::vector<uint8_t>> sign(const Draft& draft, const Keeper& signer, Bytes tbs, const Means& means) {
  if (draft.signature == SignatureMaker::sha1) return sign_with_sha1(*signer.rsa, tbs, means);
  const SignatureAlgorithm algorithm = signature_for(signer.key->public_key());
  const std::vector<uint8_t> other = {0x30, 0x00};
  const bool proper = draft.signature == SignatureMaker::proper;
  return sign_checked(*signer.key, algorithm, proper ? tbs : Bytes(other), means.random, means.provider);
}

}  // namespace

std::vector<uint8_t> new_serial(Random& random) {
  std::vector<uint8_t> out(16);
  random.fill(out);
  out[0] = static_cast<uint8_t>((out[0] & 0x7f) | 0x40);  // positive, and no zero in front
  return out;
}

Result<Keeper> make(const Draft& draft, SigningKeyPtr key, const Keeper* issuer, const Means& means) {
  Keeper out{.name = common_name(draft.common_name), .key = std::move(key)};
  const Keeper& signer = issuer ? *issuer : out;
  const auto tbs = write_tbs(draft, out.name, *out.key, signer.name, *signer.key, means);
  BULLA_TRY(const std::vector<uint8_t> signature, sign(draft, signer, tbs, means));
  out.der = to_der([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.raw(tbs);
      write_algorithm(w, draft.signature, signature_for(signer.key->public_key()));
      w.bit_string(signature);
    });
  });
  return out;
}

}  // namespace bulla::pki::zoo
