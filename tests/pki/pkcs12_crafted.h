// PKCS#12 files put together piece by piece, as nobody should write them; their MAC is right unless said
// otherwise.
#pragma once

#include "asn1/der_writer.h"
#include "pki/pbes2_writer.h"
#include "pki/pkcs12_format.h"
#include "pki/pkcs12_mac.h"

#include <bulla/pkcs12.h>

#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

namespace bulla::pki::crafted {

using asn1::DerWriter;
using asn1::to_der;
using Der = std::vector<uint8_t>;
using Write = std::function<void(DerWriter&)>;

inline constexpr std::string_view passphrase = "secret";

/// ContentInfo.
inline Der content(const asn1::Oid& type, const Write& value) {
  return to_der([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.oid(type);
      w.explicit_tag(0, [&](DerWriter& w) { value(w); });
    });
  });
}
inline Der plain_part(Bytes octets) {
  return content(oids::pkcs7_data, [&](DerWriter& w) { w.octet_string(octets); });
}
inline Der mac(Bytes of, const Pkcs12Protection& how = {.passphrase = passphrase, .iterations = 1}) {
  return to_der([&](DerWriter& w) { write_mac(w, of, how, means_of({})).value(); });
}
/// PFX.
inline Der pfx(uint64_t version, Bytes auth_safe, Bytes mac) {
  return to_der([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.integer(version);
      w.raw(auth_safe);
      w.raw(mac);
    });
  });
}
/// A file around an AuthenticatedSafe as it stands.
inline Der around(Bytes authenticated_safe) {
  return pfx(3, plain_part(authenticated_safe), mac(authenticated_safe));
}
inline Der sequence(std::span<const Der> parts) {
  return to_der([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      for (const Der& part : parts) w.raw(part);
    });
  });
}
inline Der sequence(std::initializer_list<Der> parts) {
  return sequence(std::span(parts.begin(), parts.size()));
}
/// A file with these parts.
inline Der file(std::span<const Der> parts) {
  return around(sequence(parts));
}
inline Der file(std::initializer_list<Der> parts) {
  return file(std::span(parts.begin(), parts.size()));
}
/// A file with these bags, not encrypted.
inline Der file_of_bags(std::span<const Der> bags) {
  return file({plain_part(sequence(bags))});
}
inline Der file_of_bags(std::initializer_list<Der> bags) {
  return file_of_bags(std::span(bags.begin(), bags.size()));
}
inline Der bag(const asn1::Oid& type, const Write& value, const Write& attributes = nullptr) {
  return to_der([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.oid(type);
      w.explicit_tag(0, [&](DerWriter& w) { value(w); });
      if (attributes) w.set([&](DerWriter& w) { attributes(w); });
    });
  });
}
inline Der certificate_bag(const Certificate& certificate, const Write& attributes = nullptr) {
  return bag(
      oids::cert_bag,
      [&](DerWriter& w) {
        w.sequence([&](DerWriter& w) {
          w.oid(oids::x509_certificate);
          w.explicit_tag(0, [&](DerWriter& w) { w.octet_string(certificate.der()); });
        });
      },
      attributes);
}
inline Der key_bag(const KeyPair& key, const Write& attributes = nullptr) {
  return bag(oids::key_bag, [&](DerWriter& w) { w.raw(key.to_pkcs8().reveal()); }, attributes);
}
inline Write attribute(const asn1::Oid& type, const Write& value) {
  return [=](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.oid(type);
      w.set([&](DerWriter& w) { value(w); });
    });
  };
}
/// Text as UTF-16 units, good or not.
inline Write friendly_name(std::vector<uint8_t> utf16) {
  return attribute(oids::friendly_name, [=](DerWriter& w) { w.value(asn1::tag::bmp_string, utf16); });
}
/// EncryptedData as a part, with any AlgorithmIdentifier.
inline Der encrypted(Bytes algorithm, Bytes octets) {
  return content(oids::pkcs7_encrypted, [&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.integer(0);
      w.sequence([&](DerWriter& w) {
        w.oid(oids::pkcs7_data);
        w.raw(algorithm);
        w.value(asn1::tag::context(0), octets);
      });
    });
  });
}
inline Der encrypted(Bytes plain, uint32_t iterations = 1, std::string_view by = passphrase) {
  const Encrypted box =
      encrypt_pbes2(plain, {.passphrase = by, .iterations = iterations}, means_of({})).value();
  return encrypted(box.algorithm, box.content);
}

}  // namespace bulla::pki::crafted
