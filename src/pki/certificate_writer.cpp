#include "pki/certificate_writer.h"

#include "pki/algorithm.h"
#include "x509/algorithm.h"
#include "x509/digest.h"
#include "x509/extensions.h"

#include <algorithm>
#include <array>

namespace bulla::pki {
namespace {

using namespace asn1;

constexpr unsigned max_days = 36'500;

constexpr uint32_t bit(x509::KeyUsage usage) {
  return 1u << static_cast<unsigned>(usage);
}

/// RFC 5280 §4.1.2.2: positive, at most 20 octets, unique; random, so that nobody foresees what is signed.
/// The top bits 01 make all serial numbers 16 octets long.
std::array<uint8_t, 16> new_serial(Random& random) {
  std::array<uint8_t, 16> serial;
  random.fill(serial);
  serial[0] = static_cast<uint8_t>((serial[0] & 0x3f) | 0x40);
  return serial;
}

/// TLS with ephemeral key agreement signs, and does nothing else, with an end entity's key. NSS's own
/// verifier (certutil -V, not that of Firefox) takes no server's RSA key that may not encipher a key as well.
uint32_t end_entity_usages(const Profile& profile) {
  DerReader r(profile.spki);
  const auto key = x509::read_public_key(r).key;
  const bool enciphers = key && key->type == KeyType::rsa && profile.purposes.server;
  return bit(x509::KeyUsage::digital_signature) |
         (enciphers ? bit(x509::KeyUsage::key_encipherment) : uint32_t{0});
}

void write_usages(DerWriter& w, const Profile& profile) {
  const bool ca = profile.role == CertificateRole::ca;
  // RFC 5280 §4.2.1.9: critical in CA certificates; in the others critical does no harm.
  write_extension(w, oids::basic_constraints, Criticality::critical, [&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      if (ca) w.boolean(true);
      if (ca && profile.path_length) w.integer(*profile.path_length);
    });
  });
  // §4.2.1.3.
  write_extension(w, oids::key_usage, Criticality::critical, [&](DerWriter& w) {
    w.named_bits(ca ? bit(x509::KeyUsage::key_cert_sign) | bit(x509::KeyUsage::crl_sign)
                    : end_entity_usages(profile));
  });
  if (ca) return;
  write_extension(w, oids::extended_key_usage, Criticality::not_critical, [&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      if (profile.purposes.server) w.oid(oids::server_auth);
      if (profile.purposes.client) w.oid(oids::client_auth);
      if (profile.purposes.ocsp_signing) w.oid(oids::ocsp_signing);
    });
  });
}

void write_key_ids(DerWriter& w, Bytes subject_key_id, Bytes issuer_key_id) {
  write_extension(w, oids::subject_key_identifier, Criticality::not_critical,
                  [&](DerWriter& w) { w.octet_string(subject_key_id); });
  if (issuer_key_id.empty()) return;
  write_extension(w, oids::authority_key_identifier, Criticality::not_critical, [&](DerWriter& w) {
    w.sequence([&](DerWriter& w) { w.value(tag::context(0), issuer_key_id); });
  });
}

uint8_t tag_of(Subtree::Kind kind) {
  return tag::context(kind == Subtree::Kind::mailbox ? 1 : kind == Subtree::Kind::dns ? 2 : 7);
}

void write_subtree(DerWriter& w, Subtree::Kind kind, Bytes base) {
  // RFC 5280 §4.2.1.10: minimum is 0, the default, and maximum is absent.
  w.sequence([&](DerWriter& w) { w.value(tag_of(kind), base); });
}

/// Constraints on one kind of names leave the other kinds free; so a kind that is not permitted anywhere is
/// excluded as a whole: the empty DNS name and the empty host of mailboxes stand for all, and so do the
/// networks of no bits.
void write_name_constraints(DerWriter& w, std::span<const Subtree> permitted) {
  constexpr uint8_t zeros[32] = {};
  struct Whole {
    Subtree::Kind kind;
    Bytes base;
  };
  const Whole wholes[] = {{Subtree::Kind::dns, {}},
                          {Subtree::Kind::mailbox, {}},
                          {Subtree::Kind::ip, Bytes(zeros).first(8)},
                          {Subtree::Kind::ip, zeros}};
  const auto is_permitted = [&](const Whole& whole) {
    return std::any_of(permitted.begin(), permitted.end(), [&](const Subtree& subtree) {
      // Programs differ in whether a permitted network of IPv4 leaves IPv6 free.
      const bool same_family = whole.kind != Subtree::Kind::ip || subtree.base().size() == whole.base.size();
      return subtree.kind() == whole.kind && same_family;
    });
  };
  write_extension(w, oids::name_constraints, Criticality::critical, [&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.constructed(tag::context_constructed(0), [&](DerWriter& w) {
        for (const Subtree& subtree : permitted) write_subtree(w, subtree.kind(), subtree.base());
      });
      if (std::all_of(std::begin(wholes), std::end(wholes), is_permitted)) return;
      w.constructed(tag::context_constructed(1), [&](DerWriter& w) {
        for (const Whole& whole : wholes)
          if (!is_permitted(whole)) write_subtree(w, whole.kind, whole.base);
      });
    });
  });
}

void write_uri(DerWriter& w, std::string_view url) {
  w.value(tag::context(6), as_bytes(url));
}

/// Where verifiers ask whether the certificate was revoked.
void write_revocation_urls(DerWriter& w, const Profile& profile) {
  if (!profile.crl_url.empty())  // RFC 5280 §4.2.1.13: one distribution point, whose name is a URI
    write_extension(w, oids::crl_distribution_points, Criticality::not_critical, [&](DerWriter& w) {
      w.sequence([&](DerWriter& w) {
        w.sequence([&](DerWriter& w) {
          w.explicit_tag(0, [&](DerWriter& w) {
            w.constructed(tag::context_constructed(0), [&](DerWriter& w) { write_uri(w, profile.crl_url); });
          });
        });
      });
    });
  if (!profile.ocsp_url.empty())  // §4.2.2.1
    write_extension(w, oids::authority_info_access, Criticality::not_critical, [&](DerWriter& w) {
      w.sequence([&](DerWriter& w) {
        w.sequence([&](DerWriter& w) {
          w.oid(oids::access_ocsp);
          write_uri(w, profile.ocsp_url);
        });
      });
    });
}

void write_extensions(DerWriter& w, const Profile& profile, const Issuer& issuer, const Provider& provider) {
  const std::vector<uint8_t> key_id = key_identifier(profile.spki, provider);
  write_usages(w, profile);
  if (!profile.names.empty()) {
    // §4.2.1.6: critical where the subject is empty, since the names are then all there is.
    const bool empty_subject = profile.subject.size() == 2;
    write_extension(w, oids::subject_alt_name,
                    empty_subject ? Criticality::critical : Criticality::not_critical,
                    [&](DerWriter& w) { write_alt_names(w, profile.names); });
  }
  if (!profile.permitted.empty()) write_name_constraints(w, profile.permitted);
  write_key_ids(w, key_id, issuer.key_id);
  write_revocation_urls(w, profile);
  // RFC 6960 §4.2.2.2.1: nobody asks the responder about itself.
  if (profile.purposes.ocsp_signing)
    write_extension(w, oids::ocsp_no_check, Criticality::not_critical, [](DerWriter& w) { w.null(); });
  if (profile.must_staple)
    write_extension(w, oids::tls_feature, Criticality::not_critical, [](DerWriter& w) {
      constexpr uint64_t status_request = 5;
      w.sequence([](DerWriter& w) { w.integer(status_request); });
    });
}

}  // namespace

std::vector<uint8_t> common_name(std::string_view name) {
  constexpr size_t longest = 64;  // RFC 5280 §A.1: ub-common-name
  return to_der([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      if (name.empty() || name.size() > longest) return;
      w.set([&](DerWriter& w) {
        w.sequence([&](DerWriter& w) {
          w.oid(oids::common_name);
          w.utf8_string(name);
        });
      });
    });
  });
}

void write_alt_names(DerWriter& w, std::span<const AltName> names) {
  w.sequence([&](DerWriter& w) {
    for (const AltName& name : names) {
      switch (name.kind()) {
        case AltName::Kind::mailbox: w.value(tag::context(1), as_bytes(name.text())); break;
        case AltName::Kind::dns: w.value(tag::context(2), as_bytes(name.text())); break;
        case AltName::Kind::ip: w.value(tag::context(7), name.address()); break;
      }
    }
  });
}

std::vector<uint8_t> key_identifier(Bytes spki, const Provider& provider) {
  constexpr size_t size = 20;
  DerReader r(spki);
  const x509::SubjectPublicKey key = x509::read_public_key(r);
  std::vector<uint8_t> out = x509::digest_of(provider, HashId::sha256, key.bits);
  out.resize(size);
  return out;
}

Result<CertificatePtr> sign_certificate(const Profile& profile, const Issuer& issuer, const Means& means) {
  const auto serial = new_serial(means.random);
  const std::vector<uint8_t> tbs = to_der([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.explicit_tag(0, [](DerWriter& w) { w.integer(2); });  // v3
      w.unsigned_integer(serial);
      write_signature_algorithm(w, issuer.algorithm);
      w.raw(issuer.name);
      w.sequence([&](DerWriter& w) {
        w.time(profile.not_before);
        w.time(profile.not_after);
      });
      w.raw(profile.subject);
      w.raw(profile.spki);
      w.explicit_tag(3, [&](DerWriter& w) {
        w.sequence([&](DerWriter& w) { write_extensions(w, profile, issuer, means.provider); });
      });
    });
  });
  BULLA_TRY(const std::vector<uint8_t> signature,
            sign_checked(issuer.key, issuer.algorithm, tbs, means.random, means.provider));
  return Certificate::from_der(write_signed(tbs, issuer.algorithm, signature));
}

Result<Validity> validity_of(unsigned days, Time now) {
  if (days < 1 || days > max_days)
    return Error{ErrorCode::bad_argument, "a certificate is valid for 1 to " + std::to_string(max_days) +
                                              " days, not " + std::to_string(days)};
  const auto second = std::chrono::floor<std::chrono::seconds>(now);
  return Validity{second - std::chrono::hours(1), second + std::chrono::days(days)};
}

}  // namespace bulla::pki
