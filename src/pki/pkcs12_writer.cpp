// PKCS#12 (RFC 7292 §5.1), written: certificates in an encrypted part, the key shrouded in another, a MAC
// over both.
#include "asn1/der_writer.h"
#include "pki/means.h"
#include "pki/pbes2_writer.h"
#include "pki/pkcs12_format.h"
#include "pki/pkcs12_mac.h"
#include "pki/pkcs12_text.h"
#include "x509/digest.h"

#include <bulla/pkcs12.h>

#include <algorithm>

namespace bulla::pki {
namespace {

using namespace asn1;

/// Three derivations of a file are to stay within what Pkcs12::open spends.
constexpr uint32_t max_iterations = 2'000'000;

/// What ties a key to its certificate: any octets that are the same for both.
using LocalKeyId = std::vector<uint8_t>;

template <std::invocable<DerWriter&> F>
void write_attribute(DerWriter& w, const Oid& type, F&& value) {
  w.sequence([&](DerWriter& w) {
    w.oid(type);
    w.set(value);
  });
}

/// What a bag says of itself besides its value.
struct Attributes {
  std::vector<uint8_t> friendly_name = {};  ///< UTF-16
  LocalKeyId local_key_id = {};
  bool trusted = false;

  bool any() const noexcept { return !friendly_name.empty() || !local_key_id.empty() || trusted; }
};

void write_attributes(DerWriter& w, const Attributes& attributes) {
  if (!attributes.any()) return;
  w.set([&](DerWriter& w) {
    if (!attributes.friendly_name.empty())
      write_attribute(w, oids::friendly_name,
                      [&](DerWriter& w) { w.value(tag::bmp_string, attributes.friendly_name); });
    if (!attributes.local_key_id.empty())
      write_attribute(w, oids::local_key_id, [&](DerWriter& w) { w.octet_string(attributes.local_key_id); });
    if (attributes.trusted)
      write_attribute(w, oids::oracle_trusted_key_usage,
                      [&](DerWriter& w) { w.oid(oids::any_extended_key_usage); });
  });
}

template <std::invocable<DerWriter&> F>
void write_bag(DerWriter& w, const Oid& type, const Attributes& attributes, F&& value) {
  w.sequence([&](DerWriter& w) {
    w.oid(type);
    w.explicit_tag(0, value);
    write_attributes(w, attributes);
  });
}

void write_certificate(DerWriter& w, const Certificate& certificate, const Attributes& attributes) {
  write_bag(w, oids::cert_bag, attributes, [&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.oid(oids::x509_certificate);
      w.explicit_tag(0, [&](DerWriter& w) { w.octet_string(certificate.der()); });
    });
  });
}

/// ContentInfo with EncryptedData (RFC 2315 §13).
void write_encrypted(DerWriter& w, const Encrypted& box) {
  w.sequence([&](DerWriter& w) {
    w.oid(oids::pkcs7_encrypted);
    w.explicit_tag(0, [&](DerWriter& w) {
      w.sequence([&](DerWriter& w) {
        w.integer(0);
        w.sequence([&](DerWriter& w) {
          w.oid(oids::pkcs7_data);
          w.raw(box.algorithm);
          w.value(tag::context(0), box.content);
        });
      });
    });
  });
}

/// ContentInfo with data.
void write_data(DerWriter& w, Bytes content) {
  w.sequence([&](DerWriter& w) {
    w.oid(oids::pkcs7_data);
    w.explicit_tag(0, [&](DerWriter& w) { w.octet_string(content); });
  });
}

std::vector<uint8_t> key_part(const Encrypted& key, const Attributes& attributes) {
  return to_der([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      write_bag(w, oids::shrouded_key_bag, attributes, [&](DerWriter& w) {
        w.sequence([&](DerWriter& w) {
          w.raw(key.algorithm);
          w.octet_string(key.content);
        });
      });
    });
  });
}

std::vector<uint8_t> certificate_part(const Pkcs12& file, const Attributes& leaf) {
  return to_der([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      for (const CertificatePtr& one : file.chain)
        write_certificate(w, *one, one == file.chain.front() ? leaf : Attributes{});
      for (const CertificatePtr& one : file.further) write_certificate(w, *one, {.trusted = !file.key});
    });
  });
}

Result<void> check(const Pkcs12& file, const Pkcs12Protection& how) {
  if (how.passphrase.empty())
    return Error{ErrorCode::bad_argument, "the passphrase is empty",
                 "give a passphrase: programs do not agree on what a PKCS#12 file without one is"};
  if (how.iterations == 0 || how.iterations > max_iterations)
    return Error{ErrorCode::bad_argument, std::to_string(how.iterations) + " iterations; 1 to " +
                                              std::to_string(max_iterations) + " are possible"};
  if (!file.key && file.chain.empty() && file.further.empty())
    return Error{ErrorCode::bad_argument, "there is neither a key nor a certificate to write"};
  if (!file.key && !file.chain.empty())
    return Error{ErrorCode::bad_argument, "there is a chain without a key",
                 "give certificates alone as further ones"};
  if (file.key && !file.chain.empty() &&
      !equal_vartime(file.chain.front()->spki(), encode_public_key(file.key->public_key())))
    return Error{ErrorCode::key_mismatch, "certificate " + file.chain.front()->subject()};
  return {};
}

}  // namespace

Result<std::vector<uint8_t>> Pkcs12::write(const Pkcs12Protection& how, const Surroundings& around) const {
  const Means means = means_of(around);
  BULLA_TRY(check(*this, how));
  BULLA_TRY(const SecretBytes passphrase, bmp_passphrase(how.passphrase));  // UTF-8, or nobody opens it
  const auto name = utf16_of(friendly_name);
  if (!name) return Error{ErrorCode::bad_argument, "the friendly name is no UTF-8"};
  Attributes own{.friendly_name = to_vector(name->reveal())};
  if (key && !chain.empty()) {
    own.local_key_id = x509::digest_of(means.provider, HashId::sha256, chain.front()->der());
    if (own.local_key_id.empty()) return Error{ErrorCode::key_unsupported, "the provider lacks SHA-256"};
  }

  const KeyEncryption encryption{.passphrase = how.passphrase, .iterations = how.iterations};
  std::vector<uint8_t> safe;
  std::optional<Encrypted> certificates, shrouded;
  if (!chain.empty() || !further.empty()) {
    BULLA_TRY(certificates, encrypt_pbes2(certificate_part(*this, own), encryption, means));
  }
  if (key) {
    BULLA_TRY(shrouded, encrypt_pbes2(key->to_pkcs8().reveal(), encryption, means));
  }
  DerWriter writer(safe);
  writer.sequence([&](DerWriter& w) {
    if (certificates) write_encrypted(w, *certificates);
    if (shrouded) write_data(w, key_part(*shrouded, own));
  });

  std::vector<uint8_t> mac;
  DerWriter mac_writer(mac);
  BULLA_TRY(write_mac(mac_writer, safe, how, means));
  return to_der([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.integer(3);
      write_data(w, safe);
      w.raw(mac);
    });
  });
}

Result<IdentityPtr> Pkcs12::identity() const {
  if (!key) return Error{ErrorCode::key_not_found, "the PKCS#12 file holds no key"};
  return Identity::create(chain, key->signer());
}

}  // namespace bulla::pki
