#include "pki/pkcs12_parts.h"

#include "asn1/der_reader.h"
#include "pki/pkcs12_ber.h"
#include "pki/pkcs12_format.h"
#include "pki/pkcs12_mac.h"
#include "pki/pkcs12_text.h"
#include "x509/pbes2.h"

#include <bulla/pkcs12.h>

#include <cstring>

namespace bulla::pki {
namespace {

using namespace asn1;

constexpr size_t max_file = size_t{16} << 20;
constexpr size_t max_parts = 1000;

/// ContentInfo (RFC 2315 §7): its type, and what stands in [0].
struct Content {
  Bytes type = {};
  Element value = {};
};

Content read_content(DerReader& r) {
  Content out;
  r.sequence([&](DerReader& r) {
    out.type = r.oid();
    if (r.next_is(tag::context_constructed(0))) r.explicit_tag(0, [&](DerReader& r) { out.value = r.any(); });
  });
  return out;
}

/// EncryptedData (RFC 2315 §13); the content may come in pieces.
Result<Part> read_encrypted(Bytes der) {
  Part out;
  DerReader r(der);
  r.sequence([&](DerReader& r) {
    r.small_integer(2);
    r.sequence([&](DerReader& r) {
      r.oid();
      out.encryption = x509::read_algorithm(r);
      if (r.next_is(tag::context(0))) {
        out.encrypted = to_vector(r.content(tag::context(0)));
        return;
      }
      r.constructed(tag::context_constructed(0), [&](DerReader& r) {
        while (r.more()) {
          const Bytes piece = r.octet_string();
          out.encrypted.insert(out.encrypted.end(), piece.begin(), piece.end());
        }
      });
    });
    if (r.next_is(tag::context_constructed(1))) r.any();  // attributes that nobody vouches for
  });
  if (!r.done()) return malformed_pkcs12(r.why());
  return out;
}

/// What a part that is not encrypted holds: keys in it are, one by one. Nothing where it is malformed.
std::vector<std::string> words_of_plain(Bytes part) {
  std::vector<std::string> out;
  const auto definite = with_definite_lengths(part);
  if (!definite) return out;
  DerReader r(definite->reveal());
  size_t others = 0;
  r.sequence([&](DerReader& r) {
    while (r.more())
      r.sequence([&](DerReader& r) {
        const Bytes type = r.oid();
        const Bytes value = r.content(tag::context_constructed(0));
        r.rest();
        if (oids::shrouded_key_bag == type)
          out.push_back("a key: " + x509::print_key_encryption(value).value_or("malformed"));
        else if (oids::key_bag == type)
          out.push_back("a key, not encrypted");
        else
          ++others;
      });
  });
  if (others) out.push_back("certificates, not encrypted");
  return out;
}

}  // namespace

Result<Pfx> read_pfx(Bytes file) {
  if (file.size() > max_file) return malformed_pkcs12("it is larger than 16 MiB");
  Pfx out;
  BULLA_TRY(out.storage, with_definite_lengths(file));
  DerReader r(out.storage.reveal());
  Content safe;
  uint64_t version = 0;
  r.sequence([&](DerReader& r) {
    version = r.small_integer(UINT64_MAX);
    safe = read_content(r);
    if (r.more()) out.mac = r.element(tag::sequence).whole;
  });
  if (!r.done()) return malformed_pkcs12(r.why());
  if (version != 3) return unsupported_pkcs12("it is of version " + std::to_string(version) + ", not 3");
  if (oids::pkcs7_signed == safe.type)
    return unsupported_pkcs12("it is protected by a signature instead of a passphrase");
  if (!(oids::pkcs7_data == safe.type) || safe.value.tag != tag::octet_string)
    return malformed_pkcs12("it holds no data");
  out.content = safe.value.content;
  return out;
}

Result<std::vector<Part>> read_parts(Bytes authenticated_safe) {
  std::vector<Part> out;
  std::vector<Content> contents;
  DerReader r(authenticated_safe);
  r.sequence([&](DerReader& r) {
    while (r.more()) {
      if (contents.size() >= max_parts) return r.fail("there are too many parts");
      contents.push_back(read_content(r));
    }
  });
  if (!r.done()) return malformed_pkcs12(r.why());
  for (const Content& one : contents) {
    if (oids::pkcs7_data == one.type && one.value.tag == tag::octet_string) {
      out.push_back({.plain = one.value.content});
    } else if (oids::pkcs7_encrypted == one.type && one.value.tag == tag::sequence) {
      BULLA_TRY(Part part, read_encrypted(one.value.whole));
      out.push_back(std::move(part));
    } else if (oids::pkcs7_enveloped == one.type) {
      return unsupported_pkcs12("a part of it is encrypted for a public key instead of a passphrase");
    } else {
      return malformed_pkcs12("a part of it is of no known type");
    }
  }
  return out;
}

Error malformed_pkcs12(std::string_view why) {
  return {ErrorCode::pkcs12_malformed, std::string(why)};
}
Error unsupported_pkcs12(std::string what) {
  return {ErrorCode::pkcs12_unsupported, std::move(what)};
}

Error as_pkcs12(Error error) {
  if (error.code == ErrorCode::key_malformed) return malformed_pkcs12(error.detail);
  if (error.code == ErrorCode::key_unsupported) return unsupported_pkcs12(std::move(error.detail));
  if (error.code == ErrorCode::key_passphrase_wrong)
    return {ErrorCode::pkcs12_passphrase_wrong, "it is the file's passphrase, but not that of a part of it"};
  return error;
}

Result<SecretBytes> bmp_passphrase(std::string_view utf8) {
  auto text = utf16_of(utf8);
  if (!text)
    return Error{ErrorCode::bad_argument, "the passphrase is no UTF-8",
                 "write the passphrase's file in UTF-8"};
  SecretBytes out(text->size() + 2);
  if (!text->empty()) std::memcpy(out.writable().data(), text->reveal().data(), text->size());
  return out;
}

bool looks_like_pkcs12(Bytes file) noexcept {
  // SEQUENCE, version 3, SEQUENCE, data or signedData; DER, or BER as NSS writes it.
  size_t at = 0;
  const auto skip_header = [&](uint8_t tag) {
    if (at + 2 > file.size() || file[at] != tag) return false;
    at += 2 + (file[at + 1] > 0x80 ? file[at + 1] & 0x7f : 0);
    return at < file.size();
  };
  constexpr uint8_t version[] = {tag::integer, 1, 3};
  if (!skip_header(tag::sequence) || file.size() - at < sizeof version) return false;
  if (!equal_vartime(file.subspan(at, sizeof version), version)) return false;
  at += sizeof version;
  if (!skip_header(tag::sequence) || !skip_header(tag::oid)) return false;
  const auto follows = [&](const Oid& oid) {
    return file.size() - at >= oid.size && oid == file.subspan(at, oid.size);
  };
  return follows(oids::pkcs7_data) || follows(oids::pkcs7_signed);
}

Result<Pkcs12Outline> outline_pkcs12(Bytes file) {
  BULLA_TRY(const Pfx pfx, read_pfx(file));
  Pkcs12Outline out{.integrity = "none"};
  if (pfx.mac) {
    BULLA_TRY(const Pkcs12Mac mac, read_mac(DerReader(*pfx.mac), {.pbkdf2_iterations = UINT32_MAX}));
    out.integrity = print_mac(mac);
  }
  BULLA_TRY(const SecretBytes safe, with_definite_lengths(pfx.content));
  BULLA_TRY(const std::vector<Part> parts, read_parts(safe.reveal()));
  for (const Part& part : parts) {
    if (part.encryption)
      out.parts.push_back("encrypted: " + x509::print_encryption(*part.encryption));
    else
      for (std::string& words : words_of_plain(part.plain)) out.parts.push_back(std::move(words));
  }
  return out;
}

}  // namespace bulla::pki
