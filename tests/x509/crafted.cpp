#include "crafted.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace bulla::test {
namespace {

using namespace asn1;

void write_name(DerWriter& w, std::string_view common_name) {
  w.sequence([&](DerWriter& w) {
    if (common_name.empty()) return;
    w.set([&](DerWriter& w) {
      w.sequence([&](DerWriter& w) {
        w.oid(oids::common_name);
        w.utf8_string(common_name);
      });
    });
  });
}

/// Any bytes that are the same for the same key do as a key identifier.
Bytes key_identifier(const SigningKey& key) {
  return key.public_key().point.subspan(1, 20);
}

/// How a key of tests signs; its own OID is that of its signatures, but for those on curves.
struct Way {
  KeyType type;
  SignatureAlgorithm algorithm;
  Oid signature;
  std::optional<Oid> curve = {};
};
constexpr Way ways[] = {{KeyType::ec_p256, SignatureAlgorithm::ecdsa_sha256, oids::ecdsa_sha256, oids::p256},
                        {KeyType::ec_p384, SignatureAlgorithm::ecdsa_sha384, oids::ecdsa_sha384, oids::p384},
                        {KeyType::ec_p521, SignatureAlgorithm::ecdsa_sha512, oids::ecdsa_sha512, oids::p521},
                        {KeyType::ml_dsa_44, SignatureAlgorithm::ml_dsa_44, oids::ml_dsa_44},
                        {KeyType::ml_dsa_65, SignatureAlgorithm::ml_dsa_65, oids::ml_dsa_65},
                        {KeyType::ml_dsa_87, SignatureAlgorithm::ml_dsa_87, oids::ml_dsa_87}};
const Way& way_of(const SigningKey& key) {
  return *std::ranges::find(ways, key.type(), &Way::type);
}

void write_spki(DerWriter& w, const SigningKey& key) {
  w.sequence([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      const Way& way = way_of(key);
      w.oid(way.curve ? oids::ec_public_key : way.signature);
      if (way.curve) w.oid(*way.curve);
    });
    w.bit_string(key.public_key().point);
  });
}

void write_key_identifiers(DerWriter& w, const SigningKey& subject, const SigningKey& issuer) {
  write_extension(w, oids::subject_key_identifier, Critical::no,
                  [&](DerWriter& w) { w.octet_string(key_identifier(subject)); });
  write_extension(w, oids::authority_key_identifier, Critical::no, [&](DerWriter& w) {
    w.sequence([&](DerWriter& w) { w.value(tag::context(0), key_identifier(issuer)); });
  });
}

void write_extensions(DerWriter& w, const Draft& draft, const SigningKey& subject, const SigningKey& issuer) {
  if (draft.ca)
    write_extension(w, oids::basic_constraints, Critical::yes, [&](DerWriter& w) {
      w.sequence([&](DerWriter& w) {
        if (*draft.ca) w.boolean(true);
        if (draft.path_length) w.integer(*draft.path_length);
      });
    });
  if (draft.key_usage)
    write_extension(w, oids::key_usage, Critical::yes, [&](DerWriter& w) { w.named_bits(*draft.key_usage); });
  if (!draft.purposes.empty())
    write_extension(w, oids::extended_key_usage, Critical::no, [&](DerWriter& w) {
      w.sequence([&](DerWriter& w) {
        for (const Oid& oid : draft.purposes) w.oid(oid);
      });
    });
  if (!draft.dns.empty() || !draft.ips.empty())
    write_extension(w, oids::subject_alt_name, Critical::no, [&](DerWriter& w) {
      w.sequence([&](DerWriter& w) {
        for (const std::string& name : draft.dns) w.value(tag::context(2), as_bytes(name));
        for (const auto& address : draft.ips) w.value(tag::context(7), address);
      });
    });
  if (draft.key_identifiers) write_key_identifiers(w, subject, issuer);
  if (draft.more_extensions) draft.more_extensions(w);
}

void write_algorithm(DerWriter& w, const Draft& draft, const SigningKey& issuer, bool outer) {
  if (draft.algorithm) return draft.algorithm(w, outer);
  write_signature_algorithm(w, issuer);
}

void write_tbs(DerWriter& w, const Draft& draft, const Entity& subject, const Entity& issuer) {
  w.sequence([&](DerWriter& w) {
    if (draft.version != 1) w.explicit_tag(0, [&](DerWriter& w) { w.integer(draft.version - 1u); });
    w.value(tag::integer, draft.serial);
    write_algorithm(w, draft, *issuer.key, false);
    w.raw(issuer.name_der);
    w.sequence([&](DerWriter& w) {
      if (draft.validity) return draft.validity(w);
      w.time(draft.not_before);
      w.time(draft.not_after);
    });
    w.raw(subject.name_der);
    if (draft.spki)
      draft.spki(w);
    else
      write_spki(w, *subject.key);
    const auto extensions =
        to_der([&](DerWriter& w) { write_extensions(w, draft, *subject.key, *issuer.key); });
    if (!extensions.empty())
      w.explicit_tag(3, [&](DerWriter& w) { w.sequence([&](DerWriter& w) { w.raw(extensions); }); });
  });
}

}  // namespace

Time test_now() {
  return Time(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1));
}

SigningKeyPtr new_key(KeyType type) {
  const Provider& provider = default_provider();
  return provider.signing.load(provider.signing.generate(type, 0, *provider.random).value()).value();
}

void write_signature_algorithm(DerWriter& w, const SigningKey& key) {
  w.sequence([&](DerWriter& w) { w.oid(way_of(key).signature); });
}

std::vector<uint8_t> sign(const SigningKey& key, Bytes message) {
  SignJob job{.algorithm = way_of(key).algorithm, .message = message};
  key.sign(*default_provider().random, {&job, 1});
  EXPECT_TRUE(job.ok);
  return job.signature;
}

Entity issue(const Draft& draft, const Entity* issuer, SigningKeyPtr key) {
  Entity out;
  out.subject = draft.subject;
  out.name_der = to_der([&](DerWriter& w) {
    if (draft.subject_name)
      draft.subject_name(w);
    else
      write_name(w, draft.subject);
  });
  out.key = key ? std::move(key) : new_key();
  const Entity& signer = issuer ? *issuer : out;
  const auto tbs = to_der([&](DerWriter& w) { write_tbs(w, draft, out, signer); });
  const auto signature = sign(*signer.key, tbs);
  out.der = to_der([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.raw(tbs);
      write_algorithm(w, draft, *signer.key, true);
      w.bit_string(signature);
    });
  });
  if (auto parsed = Certificate::from_der(out.der)) out.certificate = *parsed;
  return out;
}

Draft ca_draft(std::string subject) {
  Draft out;
  out.subject = std::move(subject);
  out.dns.clear();
  out.ca = true;
  out.key_usage = 1u << 5 | 1u << 6;
  return out;
}

std::vector<CertificatePtr> mesh() {
  std::vector<Entity> cas;
  for (int i = 0; i < 8; ++i) cas.push_back(issue(ca_draft("Mesh " + std::to_string(i))));
  std::vector<CertificatePtr> out = {issue({}, &cas[0]).certificate};
  for (const Entity& subject : cas)
    for (const Entity& issuer : cas)
      if (&subject != &issuer)
        out.push_back(issue(ca_draft(subject.subject), &issuer, subject.key).certificate);
  return out;
}

void write_extension(DerWriter& w, const Oid& oid, Critical critical,
                     const std::function<void(DerWriter&)>& value) {
  w.sequence([&](DerWriter& w) {
    w.oid(oid);
    if (critical == Critical::yes) w.boolean(true);
    w.octet_string([&](DerWriter& w) { value(w); });
  });
}

}  // namespace bulla::test
